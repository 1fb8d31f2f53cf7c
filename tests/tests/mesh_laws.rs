//! On real arrays the ranks of a mesh together come to what one device alone does.

use cost_core::library::Source;
use cost_tests::random::{Case, cases, names};
use cost_tests::ranks::{Both, Cuts, both};
use proptest::collection::vec;
use proptest::prelude::*;

/// Axes of random operators that can be cut.
const CUT: [&str; 11] = ["x", "s", "y", "t", "v", "e", "m", "i", "f", "n", "h"];

/// A random operator, a mesh and what it cuts; sizes that are cut divide by their ranks.
fn meshes() -> impl Strategy<Value = (Case, Cuts)> {
    let picks = vec((0..CUT.len(), 0..4_u8), 1..4);
    (cases(), picks, vec(2..4_usize, 1..3), 0..4_u8).prop_map(|(mut case, picks, ranks, scatter)| {
        let mesh: Vec<(String, usize)> = ["tp", "dp"].map(str::to_owned).into_iter().zip(ranks).collect();
        let mut cuts = Cuts { mesh, cuts: Vec::new(), scattered: Vec::new() };
        let place = |name: &str| names().iter().position(|own| *own == name).expect("an axis");
        for (axis, over) in picks {
            let over: Vec<(String, usize)> = match (over, cuts.mesh.as_slice()) {
                (3, all) => all.to_vec(),
                (one, all) => vec![all[usize::from(one) % all.len()].clone()],
            };
            let ranks: usize = over.iter().map(|(_, ranks)| ranks).product();
            if cuts.cuts.iter().any(|(own, _)| own == CUT[axis]) {
                continue;
            }
            let size = &mut case.sizes[place(CUT[axis])];
            *size = if CUT[axis] == "t" { size.next_multiple_of(ranks) } else { *size * ranks };
            cuts.cuts.push((CUT[axis].to_owned(), over.into_iter().map(|(name, _)| name).collect()));
        }
        let (s, t) = (place("s"), place("t"));
        case.sizes[t] = case.sizes[t].max(case.sizes[s]);
        case.sizes[t] = case.sizes[t].next_multiple_of(36);
        if scatter == 0 && !cuts.cuts.iter().any(|(own, _)| own == "s") {
            case.sizes[s] *= 6;
            case.sizes[t] = case.sizes[t].max(case.sizes[s]).next_multiple_of(36);
            cuts.scattered.push(("s".to_owned(), vec![cuts.mesh[0].0.clone()]));
        }
        (case, cuts)
    })
}

/// Whether a case can't be cut, or can't be run, for a reason that is known.
fn known(error: &str) -> bool {
    ["can't be cut", "share evenly", "can't be written", "can't be run", "is no part of the axes"].iter().any(|it| error.contains(it))
}

fn held(case: &Case, cuts: &Cuts, law: impl Fn(&Both) -> Result<(), String>) -> Result<(), TestCaseError> {
    match both(&Source::Declared(case.op), &case.sizes, cuts) {
        Err(error) if known(&error) => Err(TestCaseError::reject(error)),
        Err(error) => Err(TestCaseError::fail(error)),
        Ok(both) => law(&both).map_err(TestCaseError::fail),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, max_local_rejects: 1 << 20, ..cost_tests::config::tried(100) })]

    #[test]
    fn ranks_compute_what_one_device_does((case, cuts) in meshes()) {
        held(&case, &cuts, Both::same)?;
    }

    #[test]
    fn ranks_move_what_is_derived((case, cuts) in meshes()) {
        held(&case, &cuts, |both| both.moved_as_derived(&case.sizes, &cuts))?;
    }
}
