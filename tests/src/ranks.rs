//! What the ranks of a mesh come to together, against what comes of the same operator without one.

use cost_core::Options;
use cost_core::cost::{Exchanged, Formats, Routing, collectives, kernels};
use cost_core::interpret::{Array, Counted, MeshOutcome, Moved, Outcome, Running, inputs, run, run_mesh};
use cost_core::library::Source;
use cost_core::mesh::{Mesh, Shard, cut};
use cost_core::op::Role;

use crate::counted::{counted, in_elements};

/// A mesh with so many ranks along each axis, and which axes of operators it cuts.
#[derive(Clone, Debug)]
pub struct Cuts {
    /// Axes of the mesh.
    pub mesh: Vec<(String, usize)>,
    /// Axes of operators, and those of the mesh that cut them.
    pub cuts: Vec<(String, Vec<String>)>,
    /// Those that are only cut where a partial result is put together.
    pub scattered: Vec<(String, Vec<String>)>,
}

impl Cuts {
    /// The mesh, as operators are cut for it.
    pub fn mesh(&self) -> Mesh {
        let shards = |all: &[(String, Vec<String>)]| {
            all.iter().map(|(axis, over)| Shard { axis: axis.clone(), over: over.clone() }).collect()
        };
        Mesh {
            axes: self.mesh.iter().map(|(name, _)| name.clone()).collect(),
            cuts: shards(&self.cuts),
            scattered: shards(&self.scattered),
            ..Mesh::default()
        }
    }
}

/// An operator without a mesh and on one.
pub struct Both {
    /// It as one rank runs it.
    pub cut: Source,
    /// What came of it without a mesh.
    pub whole: Outcome,
    /// What came of it on the mesh.
    pub ranks: MeshOutcome,
}

/// Runs an operator without a mesh and on one. The error says why it can't be cut so.
pub fn both(op: &Source, sizes: &[usize], cuts: &Cuts) -> Result<Both, String> {
    let cut = cut(op, &cuts.mesh()).map_err(|error| error.to_string())?;
    let options = in_elements();
    let given = op.with(|op| inputs(op, sizes, 1));
    let whole = op.with(|op| run(op, sizes, &given, &options, 2)).map_err(|error| format!("whole: {error}"))?;
    let running = Running { options: &options, seed: 2, without: None, owned: 0 };
    let ranks = run_mesh(op, &cut, &cuts.mesh, sizes, &given, running).map_err(|error| format!("ranks: {error}"))?;
    Ok(Both { cut, whole, ranks })
}

impl Both {
    /// An error if some exchange, counted in the order in which they first take place, could be left out: the ranks come to the same
    /// without it.
    pub fn needs_every_exchange(&self, op: &Source, sizes: &[usize], cuts: &Cuts) -> Result<(), String> {
        let options = in_elements();
        let given = op.with(|op| inputs(op, sizes, 1));
        for (number, moved) in self.ranks.moved[0].iter().enumerate() {
            let running = Running { options: &options, seed: 2, without: Some(number), owned: 0 };
            // Ranks that come to have different numbers of one element come to something else, too.
            let Ok(ranks) = run_mesh(op, &self.cut, &cuts.mesh, sizes, &given, running) else { continue };
            let other = Self { cut: self.cut.clone(), whole: self.whole.clone(), ranks };
            if other.same().is_ok() {
                return Err(format!("{moved:?} can be left out"));
            }
        }
        Ok(())
    }

    /// An error if both don't come to the same results and the same inputs afterwards.
    pub fn same(&self) -> Result<(), String> {
        let results = self.whole.results.iter().zip(&self.ranks.results).enumerate();
        results
            .map(|(i, (a, b))| (format!("result {i}"), a, b))
            .chain(
                self.whole
                    .inputs
                    .iter()
                    .zip(&self.ranks.inputs)
                    .enumerate()
                    .map(|(i, (a, b))| (format!("input {i}"), a, b)),
            )
            .try_for_each(|(what, a, b)| alike(a, b).map_err(|error| format!("{what}: {error}")))
    }

    /// An error if what each rank has moved isn't what is derived, exchange by exchange.
    pub fn moved_as_derived(&self, sizes: &[usize], cuts: &Cuts) -> Result<(), String> {
        let formats = Formats::bytes();
        let options = Options { formats, ..in_elements() };
        let sizes = self.sizes(sizes, cuts);
        let derived =
            self.cut.with(|op| collectives::<u128>(op, &sizes, &options)).map_err(|error| error.to_string())?;
        let derived: Vec<_> =
            derived.iter().map(|it| (it.kind, it.ranks, it.repeat, it.bits, it.sent, &it.path, &it.why)).collect();
        let first = &self.ranks.moved[0];
        let same = first.len() == derived.len()
            && derived.iter().enumerate().all(|(i, derived)| {
                let Moved { kind, role, ranks, runs, single, routed, .. } = first[i];
                let bits = if single { 32 } else { 8 };
                // What the busiest rank moves.
                let most = |of: fn(&Moved) -> u128| {
                    self.ranks.moved.iter().map(|all| of(&all[i])).max().unwrap_or_default() * bits
                };
                // What all tokens inside routed experts exchange is one exchange.
                let (kinds, repeat) = ((kind, ranks as u128) == (derived.0, derived.1), derived.2);
                // Parameters are gathered once for all tokens of a copy, but here for each.
                kinds
                    && (routed || runs == repeat)
                    && (routed && role != Role::Act
                        || (most(|it| it.elements), most(|it| it.sent)) == (derived.3 * repeat, derived.4 * repeat))
            });
        if !same {
            return Err(format!("moved {first:#?}, derived {derived:#?}"));
        }
        Ok(())
    }

    /// An error if what the busiest rank counts in each kernel isn't what is derived.
    pub fn counted_as_derived(&self, sizes: &[usize], cuts: &Cuts) -> Result<(), String> {
        let options = Options { routing: Routing::Worst, ..in_elements() };
        let sizes = self.sizes(sizes, cuts);
        let derived = self.cut.with(|op| kernels::<u128>(op, &sizes, &options)).map_err(|error| error.to_string())?;
        let all = &self.ranks.ranks;
        // Parameters that are gathered inside routed experts are so once for all tokens of a copy, but here for each.
        if self.ranks.moved[0].iter().any(|it| it.routed && it.role != Role::Act) {
            return Ok(());
        }
        if let Some(other) = all.iter().find(|it| it.kernels.len() != derived.len()) {
            let paths: Vec<&str> = derived.iter().map(|kernel| kernel.path.as_str()).collect();
            return Err(format!(
                "derived {} kernels {paths:?}, ran {}: {:#?}",
                derived.len(),
                other.kernels.len(),
                other.kernels
            ));
        }
        for (i, kernel) in derived.iter().enumerate() {
            let mut most = Counted::default();
            for rank in all {
                busier(&mut most, &rank.kernels[i]);
            }
            let kernel = (&kernel.path, counted(kernel)?);
            if kernel.1 != most {
                return Err(format!("kernel {}: derived {:#?}, counted {most:#?}", kernel.0, kernel.1));
            }
        }
        Ok(())
    }

    /// The sizes of the operator that each rank runs, but for those that are given in terms of others.
    pub fn sizes(&self, sizes: &[usize], cuts: &Cuts) -> Vec<u128> {
        let all = sizes.iter().copied().chain(cuts.mesh.iter().map(|(_, ranks)| *ranks));
        let mut all: Vec<u128> = all.map(|size| size as u128).collect();
        all.resize(self.cut.axes().len(), 0);
        all
    }

    /// The kinds of exchanges that took place.
    pub fn kinds(&self) -> Vec<Exchanged> {
        self.ranks.moved[0].iter().map(|it| it.kind).collect()
    }
}

/// The most that either has counted.
fn busier(most: &mut Counted, other: &Counted) {
    most.runs = most.runs.max(other.runs);
    most.matmul = most.matmul.max(other.matmul);
    most.vector = most.vector.max(other.vector);
    for (most, other) in [(&mut most.loaded, &other.loaded), (&mut most.stored, &other.stored)] {
        for (role, elements) in other {
            let most = most.entry(*role).or_default();
            *most = (*most).max(*elements);
        }
    }
}

/// An error if two arrays differ in more than rounding.
pub fn alike(a: &Array, b: &Array) -> Result<(), String> {
    if a.sizes != b.sizes {
        return Err(format!("{:?} against {:?}", a.sizes, b.sizes));
    }
    let finite = |x: &&f64| x.is_finite();
    let most = a.data.iter().filter(finite).fold(1e-300, |most: f64, x| most.max(x.abs()));
    let differ = |(x, y): &(&f64, &f64)| {
        if x.is_finite() && y.is_finite() {
            (*x - *y).abs() > 1e-8 * most
        } else {
            let of = |x: &f64| (x.is_nan(), x.is_infinite().then(|| x.is_sign_negative()));
            of(x) != of(y)
        }
    };
    match a.data.iter().zip(&b.data).find(differ) {
        None => Ok(()),
        Some((x, y)) => Err(format!("{x} against {y} in {:?} and {:?}", a.data, b.data)),
    }
}
