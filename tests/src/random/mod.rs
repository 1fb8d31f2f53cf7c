//! Random operators, as descriptions: every choice is a number, so that proptest can shrink it.

mod build;
mod calls;

use cost_core::op::{Derived, Dim, Kind, Mask, Op, Quotient, Shape, Term};
use proptest::collection::vec;
use proptest::prelude::*;

use build::Build;

/// The axes of every random operator: queries, keys, window, last rows, table rows, a condition, rounds
/// of a loop, experts, experts used, two more, another condition, rounds and two more of them,
/// how many a choice keeps, and those of [`DERIVED`].
const AXES: [&str; 19] =
    ["s", "t", "w", "u", "v", "p", "r", "e", "top", "x", "y", "q", "l", "k", "i", "f", "h", "m", "n"];
/// `i = x`, `f = 2 * x + 1`, `h = ceil(f / 2) + f / 3`, `m = x * y`, `n = ceil(t / w)`.
const DERIVED: [Derived<'static>; 5] = [
    Derived { axis: I, dim: Dim::Axis(X) },
    Derived { axis: F, dim: Dim::Sum(&[Term::new(2, &[X]), Term::new(1, &[])]) },
    Derived {
        axis: H,
        dim: Dim::Sum(&[
            Term { quotients: &[Quotient { above: Dim::Axis(F), below: TWO, up: true }], ..Term::new(1, &[]) },
            Term { quotients: &[Quotient { above: Dim::Axis(F), below: THREE, up: false }], ..Term::new(1, &[]) },
        ]),
    },
    Derived { axis: M, dim: Dim::Sum(&[Term::new(1, &[X, Y])]) },
    Derived {
        axis: N,
        dim: Dim::Sum(&[Term {
            quotients: &[Quotient { above: Dim::Axis(T), below: Dim::Axis(W), up: true }],
            ..Term::new(1, &[])
        }]),
    },
];

const TWO: Dim<'static> = Dim::Sum(&[Term::new(2, &[])]);
const THREE: Dim<'static> = Dim::Sum(&[Term::new(3, &[])]);
/// How many axes a random operator has.
pub const RANK: usize = AXES.len();
const S: u8 = 0;
const T: u8 = 1;
const W: u8 = 2;
const U: u8 = 3;
const V: u8 = 4;
const P: u8 = 5;
const R: u8 = 6;
const E: u8 = 7;
const TOP: u8 = 8;
const X: u8 = 9;
const Y: u8 = 10;
const Q: u8 = 11;
const L: u8 = 12;
const K: u8 = 13;
const I: u8 = 14;
const F: u8 = 15;
const H: u8 = 16;
const M: u8 = 17;
const N: u8 = 18;

/// A random operator and sizes for its axes.
#[derive(Clone)]
pub struct Case {
    /// The operator.
    pub op: &'static Op<'static>,
    /// A size for each axis.
    pub sizes: Vec<usize>,
}

/// A failing case as a person can read it.
impl core::fmt::Debug for Case {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let sizes: Vec<String> = AXES.iter().zip(&self.sizes).map(|(axis, size)| format!("{axis}={size}")).collect();
        writeln!(f, "{}", sizes.join(" "))?;
        listing(f, self.op)
    }
}

/// An operator as a person can read it.
struct Listing<'o>(&'o Op<'o>);

impl core::fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        listing(f, self.0)
    }
}

fn listing(f: &mut core::fmt::Formatter<'_>, op: &Op<'_>) -> core::fmt::Result {
    let shape = |shape: &Shape| shape.axes().iter().map(|axis| AXES[usize::from(*axis)]).collect::<Vec<_>>().join(" ");
    writeln!(f, "{} {:?} unfused: {} tile: {}", op.name, op.mask, op.unfused, op.tile.is_some())?;
    for (i, input) in op.inputs.iter().enumerate() {
        writeln!(f, "  v{i} = {}: {:?} {}", input.name, input.role, shape(&input.shape))?;
    }
    for (i, step) in op.steps.iter().enumerate() {
        let kind = match step.kind {
            Kind::Call(call) => format!("call of {} with {:?}, experts: {:?}", call.op.name, call.bind, call.experts),
            Kind::Dot(over) => format!("dot over {}", shape(&over)),
            Kind::Norm(norm, over) => format!("{norm:?} over {}", shape(&over)),
            Kind::Reduce(reduce, over) => format!("{reduce:?} over {}", shape(&over)),
            other => format!("{other:?}"),
        };
        let value = op.inputs.len() + i;
        writeln!(f, "  {i}: v{value} = {kind} of {:?} gives {}", step.args, shape(&op.shapes[value]))?;
        if let Kind::Call(call) = step.kind {
            listing(f, call.op)?;
        }
    }
    for it in op.loops {
        writeln!(f, "  steps {}..{} {:?} guard: {} carried: {:?}", it.start, it.end, it.times, it.guard, it.carried)?;
    }
    Ok(())
}

/// One random decision about a step.
type Choice = (u8, u8, u8, u8);

/// Random operators with loops, conditions, masks, calls and routed experts.
pub fn cases() -> impl Strategy<Value = Case> {
    let choices = || vec(any::<Choice>(), 1..9);
    let sizes = vec(1_usize..4, AXES.len());
    let counts = (0..3_usize, 0..3_usize, 0..2_usize, 2..5_usize, 1..6_usize);
    (choices(), choices(), sizes, any::<(u8, u8, bool, u8, u8)>(), counts).prop_map(
        |(outer, inner, mut sizes, (mask, tile, unfused, callee_mask, equal), (past, rounds, other, more, experts))| {
            if equal.is_multiple_of(6) {
                let one = sizes[0];
                sizes.fill(one);
            } else {
                sizes[usize::from(E)] = experts;
            }
            let mut build = Build::new(mask, unfused && mask.is_multiple_of(5), tile);
            // Where there is no key at all, what one would be multiplied with is counted to be read all the same.
            let blocks = |mask: Mask| matches!(mask, Mask::Blocks { .. });
            let ended = blocks(build.mask) || blocks(Build::new(callee_mask, false, 1).mask);
            let ended = if ended { sizes[usize::from(W)].max(sizes[usize::from(V)]) } else { 0 };
            sizes[usize::from(T)] = (sizes[usize::from(S)] + past).max(ended);
            sizes[usize::from(U)] = sizes[usize::from(U)].min(sizes[usize::from(S)]);
            sizes[usize::from(TOP)] = sizes[usize::from(TOP)].min(sizes[usize::from(E)]);
            (sizes[usize::from(P)], sizes[usize::from(R)]) = (rounds.min(1), rounds);
            (sizes[usize::from(Q)], sizes[usize::from(L)]) = (other, more);
            let inner = Some((inner, callee_mask));
            for choice in outer {
                build.step(choice, inner.as_ref());
            }
            Case { op: build.finish("Random"), sizes }
        },
    )
}

/// The names of every random operator's axes.
pub const fn names() -> [&'static str; RANK] {
    AXES
}
