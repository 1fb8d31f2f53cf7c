//! The columns that a sweep can give.

use cost_core::nearest;

use super::error::Error;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Text,
    /// A whole number: the size of an axis.
    Whole,
    /// A floating-point number.
    Number,
    /// Yes or no.
    Truth,
}

/// What a column needs besides a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Device,
    /// A device whose memory is known.
    Memory,
}

macro_rules! columns {
    ($($variant:ident $name:literal $kind:ident $needs:ident $high:literal $doc:literal;)*) => {
        /// A column of a sweep. Counts are floating point, near the exact ones; bytes of narrow formats, and of experts that are
        /// expected to be read, may have fractions. Times are near enough that rounding can tell two of them apart that are
        /// equal: `lower_bound_s` of a step that only waits for memory may be a last digit below `memory_s`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Column { $(#[doc = concat!("`", $name, "`: ", $doc)] $variant,)* }

        impl Column {
            /// Every column, in the order in which they are written.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What its values are.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// What it says.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Whether more of it is better.
            pub const fn high(self) -> bool {
                match self { $(Self::$variant => $high,)* }
            }

            pub(super) const fn needs(self) -> Needs {
                match self { $(Self::$variant => Needs::$needs,)* }
            }
        }
    };
}

columns! {
    Model "model" Text Nothing false "the model's name";
    Hardware "hardware" Text Device false "the device's id";
    Phase "phase" Text Nothing false "prefill or decode";
    Weights "weights" Text Nothing false "number format of the parameters";
    Acts "acts" Text Nothing false "number format of the activations";
    Cache "cache" Text Nothing false "number format of the caches";
    Batch "batch" Whole Nothing true "sequences";
    Tokens "tokens" Whole Nothing true "new tokens of each";
    Past "past" Whole Nothing true "cached tokens of each";
    WithinContext "within_context" Truth Nothing true "whether past and new tokens are no more than the model was made for";
    Flops "flops" Number Nothing false "all FLOPs of the step";
    Matmul "matmul" Number Nothing false "FLOPs in summed products";
    Vector "vector" Number Nothing false "FLOPs in everything else";
    Bytes "bytes" Number Nothing false "all bytes moved";
    WeightsRead "weights_read" Number Nothing false "bytes of parameters read";
    ActsRead "acts_read" Number Nothing false "bytes of activations and token ids read";
    ActsWritten "acts_written" Number Nothing false "bytes of activations written";
    CacheRead "cache_read" Number Nothing false "bytes of caches and states read";
    CacheWritten "cache_written" Number Nothing false "bytes of caches and states written";
    Intensity "intensity" Number Nothing true "FLOP per byte";
    WeightsBytes "weights_bytes" Number Nothing false "bytes that the parameters take in memory";
    CacheBytes "cache_bytes" Number Nothing false "bytes that caches and states take in memory, new tokens included";
    ActivationsBytes "activations_bytes" Number Nothing false "bytes of activations in memory at the fullest moment";
    MemoryBytes "memory_bytes" Number Nothing false "the three together";
    Fits "fits" Truth Memory true "whether that fits the device's memory";
    ComputeS "compute_s" Number Device false "seconds on the busiest of the device's units, summed over kernels";
    MemoryS "memory_s" Number Device false "seconds of memory traffic";
    LowerBoundS "lower_bound_s" Number Device false "seconds that the step takes at least";
    Bound "bound" Text Device false "what the step waits for: memory or compute";
    TokensPerS "tokens_per_s" Number Device true "new tokens of all sequences per second, at most";
}

impl Column {
    /// The column of that name; an error with the nearest name if there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|column| column.name() == name).ok_or_else(|| {
            let near =
                nearest(name, Self::names()).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
            let names: Vec<&str> = Self::names().collect();
            Error::Column { name: name.to_owned(), message: format!("unknown{near}; there are {}", names.join(", ")) }
        })
    }

    /// An error if a column is there twice.
    pub fn each_once(columns: &[Self]) -> Result<(), Error> {
        match columns.iter().enumerate().find(|(i, column)| columns[..*i].contains(column)) {
            Some((_, twice)) => Err(Error::Column { name: twice.name().to_owned(), message: "named twice".to_owned() }),
            None => Ok(()),
        }
    }

    /// The names of all columns.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        Self::ALL.iter().map(|column| column.name())
    }
}
