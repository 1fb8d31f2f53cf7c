//! On real arrays the ranks of a mesh together come to what one device alone does.

use cost_core::library::Source;
use cost_core::op::{Kind, Mask, Op};
use cost_tests::random::{Case, cases, names};
use cost_tests::ranks::{Both, Cuts, both};
use proptest::collection::vec;
use proptest::prelude::*;

/// Axes of random operators that can be cut.
const CUT: [&str; 9] = ["x", "s", "y", "t", "v", "e", "m", "i", "n"];

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
            // What others are derived from, and what they are derived to.
            let size = &mut case.sizes[place(match CUT[axis] {
                "m" | "i" => "x",
                "n" => "t",
                own => own,
            })];
            *size = size.next_multiple_of(ranks);
            cuts.cuts.push((CUT[axis].to_owned(), over.into_iter().map(|(name, _)| name).collect()));
        }
        let (s, t, all) = (place("s"), place("t"), cuts.mesh.iter().map(|(_, ranks)| ranks).product());
        if scatter == 0 && !cuts.cuts.iter().any(|(own, _)| own == "s") {
            case.sizes[s] = case.sizes[s].next_multiple_of(all);
            cuts.scattered.push(("s".to_owned(), vec![cuts.mesh[0].0.clone()]));
        }
        // There are as many keys as queries, at least.
        case.sizes[t] = case.sizes[t].max(case.sizes[s]).next_multiple_of(all);
        (case, cuts)
    })
}

/// Whether a case can't be cut, or can't be run, for a reason that is known.
fn known(error: &str) -> bool {
    [
        "expected s to be at most",
        "can't be cut",
        "share evenly",
        "can't be written",
        "can't be run",
        "is no part of the axes",
    ]
    .iter()
    .any(|it| error.contains(it))
}

/// Whether all ranks have as much to do. Where a mask leaves a rank's queries, or the queries of a rank's keys, fewer pairs than
/// another's, what is derived of each value is what the busiest one has, or all pairs.
fn even(case: &Case, cuts: &Cuts) -> bool {
    let cut = |name: &str| cuts.cuts.iter().any(|(axis, _)| axis == name);
    match case.op.mask {
        Mask::None => true,
        _ => !cut("s") && !cut("t") && !cut("n") && cuts.scattered.is_empty(),
    }
}

fn held(case: &Case, cuts: &Cuts, law: impl Fn(&Both) -> Result<(), String>) -> Result<(), TestCaseError> {
    if sees_what_was_there(case.op) {
        return Err(TestCaseError::reject("it reads what it has written over"));
    }
    both(&Source::Declared(case.op), &case.sizes, cuts)
        .and_then(|both| law(&both))
        .map_err(|error| if known(&error) { TestCaseError::reject(error) } else { TestCaseError::fail(error) })
}

/// Whether every step has to do with what is returned or written: where one has not, nothing would be missed that is exchanged for
/// it.
fn all_matter(op: &Op<'_>) -> bool {
    let returned = |value: u16| op.outputs.iter().any(|output| output.value == value);
    let carried = |value: u16| op.loops.iter().flat_map(|it| it.carried).any(|(_, end)| *end == value);
    let used = |value: u16| op.steps.iter().flat_map(|step| step.args).any(|arg| arg.value() == Some(value));
    (0..op.steps.len()).all(|step| {
        let (value, kind) = (op.value_of(step), op.steps[step].kind);
        let writes = matches!(kind, Kind::Append(_) | Kind::Write(_) | Kind::Output(_));
        let inside = if let Kind::Call(call) = kind { all_matter(call.op) } else { true };
        (writes || returned(value) || carried(value) || used(value)) && inside && !is_flat(kind)
    })
}

/// Whether what a step gives may be the same of other operands: choices (the interpreter routes tokens by turns, whatever their gates
/// are), rows that no id names or that are no longer among the last, functions that are flat somewhere, and normalisations, which make
/// one number, or a row of zeros, always the same.
fn is_flat(kind: Kind<'_>) -> bool {
    match kind {
        Kind::Top { .. }
        | Kind::Take { .. }
        | Kind::Put { .. }
        | Kind::Among { .. }
        | Kind::Windows(_)
        | Kind::Gather(_)
        | Kind::Slide { .. }
        | Kind::Last { .. }
        | Kind::Norm(..) => true,
        Kind::Call(call) => call.experts.is_some_and(|experts| experts.gated),
        Kind::Reduce(how, _) => how.name() == "max",
        Kind::Zip(zip) => matches!(zip.name(), "maximum" | "minimum"),
        Kind::Map(map) => matches!(map.name(), "relu" | "round" | "clamp" | "abs" | "sqrt" | "log"),
        _ => false,
    }
}

/// Whether a view of a tensor is used after something else has been written to that: what it shows then depends on whether it is
/// a copy.
fn sees_what_was_there(op: &Op<'_>) -> bool {
    let root = |value: u16| {
        let mut value = value;
        while let Some(step) = op.step_of(value).map(|step| &op.steps[step]) {
            let shows = step.kind.is_view()
                || matches!(
                    step.kind,
                    Kind::Carry | Kind::Append(_) | Kind::Write(_) | Kind::Output(_) | Kind::Call(_)
                );
            match step.args.first().and_then(|arg| arg.value()).filter(|_| shows) {
                Some(of) => value = of,
                None => break,
            }
        }
        value
    };
    let writes = (0..op.steps.len()).filter(|at| matches!(op.steps[*at].kind, Kind::Append(_) | Kind::Write(_)));
    writes.into_iter().any(|write| {
        let (new, written) = (op.value_of(write), op.steps[write].args[0].value());
        let old = |value: u16| value < new && Some(root(value)) == written.map(root);
        let used = op.steps[write + 1..].iter().flat_map(|step| step.args).filter_map(|arg| arg.value());
        used.chain(op.outputs.iter().map(|output| output.value)).any(old)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, max_local_rejects: 1 << 20, ..cost_tests::config::tried(100) })]

    #[test]
    fn ranks_compute_what_one_device_does((case, cuts) in meshes()) {
        held(&case, &cuts, Both::same)?;
    }

    #[test]
    fn ranks_move_what_is_derived((case, cuts) in meshes()) {
        prop_assume!(even(&case, &cuts));
        held(&case, &cuts, |both| both.moved_as_derived(&case.sizes, &cuts))?;
    }

    #[test]
    fn no_exchange_can_be_left_out((case, cuts) in meshes()) {
        prop_assume!(all_matter(case.op));
        // Rows that are appended where they are already, as there were none before.
        let cut = |name: &str| cuts.cuts.iter().any(|(axis, _)| axis == name);
        prop_assume!(!(cut("s") && cut("t")));
        let op = Source::Declared(case.op);
        held(&case, &cuts, |both| both.needs_every_exchange(&op, &case.sizes, &cuts))?;
    }

    #[test]
    fn ranks_count_what_is_derived((case, cuts) in meshes()) {
        // How many tokens the experts of a rank get is not the same on all of them, nor how many rows their ids name.
        let looks_up = case.op.steps.iter().any(|step| matches!(step.kind, Kind::Gather(_)));
        let uneven = |axis: &str| axis == "e" || looks_up && (axis == "s" || axis == "v");
        prop_assume!((!looks_up || cuts.scattered.is_empty()) && even(&case, &cuts));
        prop_assume!(cuts.cuts.iter().all(|(axis, _)| !uneven(axis)));
        held(&case, &cuts, |both| both.counted_as_derived(&case.sizes, &cuts))?;
    }
}
