//! The primitives, each with what it counts per element and why.
//!
//! This is the only table of per-element counts: the derivation, the interpreter and the documentation read it.

/// Two operands combined element by element, broadcasting by axis name: 1 FLOP for each element of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zip {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `maximum(a, b)`
    Maximum,
    /// `minimum(a, b)`
    Minimum,
}

/// A reduction that removes axes: 1 FLOP for each element of its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// `sum::<d>(x)`
    Sum,
    /// `max::<d>(x)`
    Max,
    /// `mean::<d>(x)`; the one division for each result is not counted.
    Mean,
}

macro_rules! table {
    ($(#[$doc:meta])* $kind:ident { $($(#[$row:meta])* $variant:ident = $name:literal, $flops:literal, $reason:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind { $(#[doc = concat!("`", $name, "`: ", $flops, " FLOP an element: ", $reason, ".")] $variant,)* }

        impl $kind {
            /// Every row of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in an operator's body.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Floating-point operations per element.
            pub const fn flops(self) -> u64 {
                match self { $(Self::$variant => $flops,)* }
            }

            /// What the operations are.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)* }
            }

            /// The row of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|row| row.name() == name)
            }
        }
    };
}

table! {
    /// One operand, element by element, its shape unchanged.
    Map {
        Scale = "scale", 1, "one product by a constant";
        Rope = "rope", 3, "two products and a sum; the rotation table is constant";
        Silu = "silu", 4, "negate, exp, add, divide: x / (1 + exp(-x))";
        Sigmoid = "sigmoid", 4, "negate, exp, add, divide: 1 / (1 + exp(-x))";
        Gelu = "gelu", 5, "x / 2 · (1 + erf(x / √2)): three products, erf, add";
        GeluTanh = "gelu_tanh", 9, "the tanh form: six products, two sums, tanh";
        Relu = "relu", 1, "one comparison";
        Clamp = "clamp", 2, "two comparisons with constants";
        Tanh = "tanh", 1, "one function";
        Exp = "exp", 1, "one function";
        Softplus = "softplus", 3, "exp, add, logarithm";
        Sqrt = "sqrt", 1, "one function";
        Rsqrt = "rsqrt", 1, "one function";
        Square = "square", 1, "one product";
        Abs = "abs", 1, "one sign taken off";
        Log = "log", 1, "one function";
        Round = "round", 1, "one rounding";
        Sin = "sin", 1, "one function";
        Cos = "cos", 1, "one function";
        Neg = "neg", 1, "one negation";
    }
}

table! {
    /// A normalisation over named axes, its operand's shape unchanged.
    Norm {
        Softmax = "softmax", 3, "exp, sum, divide";
        RmsNorm = "rms_norm", 3, "square, sum, product by the reciprocal root of the mean";
        LayerNorm = "layer_norm", 5, "sum, subtract the mean, square, sum, product by the reciprocal deviation";
    }
}

impl Norm {
    /// Numbers that are kept for each row while it is gone along in blocks.
    pub const fn statistics(self) -> u64 {
        match self {
            // The largest element and the sum of the exponentials (arXiv:1805.02867); the mean and the squares' sum.
            Self::Softmax | Self::LayerNorm => 2,
            // The squares' sum.
            Self::RmsNorm => 1,
        }
    }
}

impl Zip {
    /// Every combination.
    pub const ALL: &'static [Self] = &[Self::Add, Self::Sub, Self::Mul, Self::Div, Self::Maximum, Self::Minimum];

    /// The sign of the operation, or its name in an operator's body.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
        }
    }

    /// The combinations that are written as functions.
    pub fn functions() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|zip| zip.name().len() > 1)
    }
}

impl Reduce {
    /// Every reduction.
    pub const ALL: &'static [Self] = &[Self::Sum, Self::Max, Self::Mean];

    /// The name in an operator's body.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Mean => "mean",
        }
    }
}
