//! Which sequence has which slot at which step.

use serde::{Serialize, Serializer};

use super::schedule::{Cell, Taken};

/// The slots over the first steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// By step, then by slot.
    pub steps: Vec<Vec<Cell>>,
}

impl Grid {
    /// Notes a step, while there are no more than `most`.
    pub fn note(&mut self, taken: &Taken<'_>, most: usize) {
        if self.steps.len() < most {
            self.steps.push(taken.cells.to_vec());
        }
    }

    /// By slot, then by step: `S1` for a token of the first request, `END` for its last, `(S1)` for a chunk of its prompt
    /// that isn't the last, nothing for an empty slot.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let slots = self.steps.first().map_or(0, Vec::len);
        let text = |cell: &Cell| match cell {
            Cell::Empty => String::new(),
            Cell::Chunk(request) => format!("(S{})", request + 1),
            Cell::Token(request) => format!("S{}", request + 1),
            Cell::End(_) => "END".to_owned(),
        };
        (0..slots).map(|slot| self.steps.iter().map(|step| text(&step[slot])).collect()).collect()
    }

    /// The share of slots that have something to do.
    pub fn utilisation(&self) -> f64 {
        let cells = || self.steps.iter().flatten();
        cells().filter(|cell| **cell != Cell::Empty).count() as f64 / cells().count() as f64
    }
}

impl Serialize for Grid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows().serialize(serializer)
    }
}
