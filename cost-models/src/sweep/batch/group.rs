//! Rows that one plan evaluates.

use std::collections::HashMap;

use super::input::{Group, Input};

/// The groups of a batch's rows.
pub(super) fn groups(input: &Input) -> Vec<Group> {
    if input.rows == 0 {
        return Vec::new();
    }
    let (mut ids, mut count) = (vec![0; input.rows], 1);
    for texts in input.texts().filter(|texts| texts.names.len() > 1) {
        (ids, count) = split(&ids, &texts.rows);
    }
    // What a row costs must not depend on the others, not even in its last bit, so one plan is for one shape.
    if let Some(shapes) = input.shapes() {
        (ids, count) = split(&ids, &shapes);
    }
    if count == 1 {
        return vec![Group { first: 0, rows: None }];
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (row, id) in ids.iter().enumerate() {
        rows[*id as usize].push(row);
    }
    rows.into_iter().map(|rows| Group { first: rows[0], rows: Some(rows) }).collect()
}

/// Splits groups by the names that their rows have in one more column, and counts them.
fn split(groups: &[u32], names: &[u32]) -> (Vec<u32>, usize) {
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    // Neighbours are often alike.
    let mut last = None;
    let ids = groups.iter().zip(names).map(|(group, name)| {
        let pair = (*group, *name);
        match last {
            Some((before, id)) if before == pair => id,
            _ => {
                #[expect(clippy::cast_possible_truncation, reason = "there are no more than names of 32 bits")]
                let next = known.len() as u32;
                let id = *known.entry(pair).or_insert(next);
                last = Some((pair, id));
                id
            }
        }
    });
    let ids = ids.collect();
    (ids, known.len())
}
