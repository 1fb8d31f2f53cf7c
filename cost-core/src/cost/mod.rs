//! What an operator costs at given sizes: kernels, totals, tensors and peak memory, as integers or as formulas.

mod at;
mod bits;
mod collectives;
mod constant;
mod derive;
mod experts;
mod explain;
mod formulas;
mod frame;
mod kernel;
mod mask;
mod names;
mod num;
mod on_chip;
mod operator;
mod options;
mod peak;
mod routes;
mod size;
mod tensors;
mod traffic;
mod windows;
mod work;
mod written;

pub use at::At;
pub use collectives::{Collective, Exchanged, collectives};
pub use constant::{Counts, MAX_AXES, counts, known, params};
pub use derive::kernels;
pub use explain::{Explained, Moving, Rule, Worked};
pub use formulas::Formulas;
pub use kernel::{Flops, Kernel, Operand, Origin, Totals, Traffic, totals};
pub use num::Num;
#[cfg(feature = "plan")]
pub(crate) use num::{OVERFLOW, ZERO_DIVISION, expected, rounded};
pub use on_chip::on_chip;
pub use operator::{Operator, Sizes, axes, intensity, sizes};
pub use options::{Formats, Masking, Options, Pattern, Rounds, Routing, Stored};
pub use peak::peak;
pub use routes::{Route, check_routing, is_masked, routes};
pub use size::{derive, inside};
pub use tensors::{Tensor, tensors, tensors_of};
pub use work::{Shaped, Work};
