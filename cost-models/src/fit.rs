//! How many sequences at a context, or how long a context at a batch, fit a device's memory, and what takes it.

use cost_core::Options;
use cost_core::cost::inside;
use cost_core::hardware::Hardware;
use cost_core::op::{Kind, Mask, Op};
use serde::Serialize;

use crate::error::Error;
use crate::model::{Model, Workload};
use crate::report::{Bytes, Memory};

/// The largest number of sequences or tokens that is looked for.
pub const LARGEST: u64 = 1 << 40;

/// What of a device's memory is left to others: fragments, the runtime's own, other processes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Headroom {
    /// So many hundredths of it, from 0 to less than 100.
    Percent(f64),
    /// So many bytes.
    Bytes(u64),
}

/// A tenth.
impl Default for Headroom {
    fn default() -> Self {
        Self::Percent(10.0)
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// How many tokens each of so many sequences can get to.
    Context {
        /// The number of sequences.
        batch: u64,
    },
    /// How many sequences of so many tokens there can be.
    Batch {
        /// Tokens of each, the last one included.
        context: u64,
    },
}

/// Why no more sequences or tokens were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// One more doesn't fit the memory.
    Memory,
    /// The model was made for no longer context.
    Model,
    /// No more were looked for than [`LARGEST`], which fit.
    Search,
    /// Nothing: more sequences or tokens take no more memory, however many.
    None,
}

/// What fits a device, and what takes its memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fit {
    /// Sequences; 0 if not even one fits.
    pub batch: u64,
    /// Tokens of each, the last one included; 0 if not even one fits.
    pub context: u64,
    /// Why it isn't more; what was looked for is [`LARGEST`] where it is at least that.
    pub limit: Limit,
    /// What takes the memory at its fullest; if nothing fits, what one sequence, or one token of each, would take.
    pub memory: Memory,
    /// What is kept free.
    pub headroom: Bytes,
    /// What is left over besides; nothing if nothing fits.
    pub left: Option<Bytes>,
    /// By how much the memory is too small for the least; nothing if something fits.
    pub short: Option<Bytes>,
}

/// What fits a device, next to what is kept free.
///
/// What has to fit is a step that decodes one token ([`Memory`] of [`Workload::decode`]; of an encoder, its whole text):
/// prompts can be read in parts, so that their activations need not be more. A sequence fits if it does at every length
/// that it has had: chunked attention empties its cache now and then.
///
/// ```
/// use cost_core::{Options, hardware};
/// use cost_models::catalogue;
/// use cost_models::fit::{Headroom, Wanted, fit};
///
/// let model = catalogue::find("llama-3.1-8b")?;
/// let found = fit(&model, &hardware::find("h100")?, &Options::default(), Headroom::default(), Wanted::Batch { context: 8192 })?;
/// // 72 GB less 16.06 GB of weights, for 1.07 GB of cache each.
/// assert_eq!(found.batch, 52);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An error if the device's memory isn't known, or if the headroom leaves none of it.
pub fn fit(
    model: &Model,
    device: &Hardware,
    options: &Options,
    headroom: Headroom,
    wanted: Wanted,
) -> Result<Fit, Error> {
    let memory = device.memory_bits().ok_or_else(|| {
        Error::field("on", &device.id, "a device whose memory is known (`memory_gb` in a file of devices)")
    })?;
    model.check_routing(None, options)?;
    let headroom = headroom.bits(memory)?;
    let room = Room { model, options: &model.options(options), bits: memory - headroom, chunks: chunks(model)? };
    let most = match wanted {
        Wanted::Context { .. } => model.context.unwrap_or(LARGEST).clamp(1, LARGEST),
        Wanted::Batch { .. } => LARGEST,
    };
    let of = |n: u64| match wanted {
        Wanted::Context { batch } => (batch, n),
        Wanted::Batch { context } => (n, context),
    };
    let (batch, context) = of(1);
    if batch == 0 || context == 0 {
        let field = if batch == 0 { "batch" } else { "context" };
        return Err(Error::field(field, 0, "at least 1"));
    }
    let found = largest(most, &|n| Ok(room.fullest(of(n))?.total.bits() <= room.bits))?;
    let taken = room.fullest(of(found.max(1)))?;
    let free = room.bits.checked_sub(taken.total.bits()).map(Bytes::of_bits);
    let (batch, context) = if found == 0 { zero(of(1), wanted) } else { of(found) };
    let limit = match wanted {
        _ if found < most => Limit::Memory,
        Wanted::Context { .. } if model.context.is_some_and(|context| context <= LARGEST) => Limit::Model,
        _ if room.fullest(of(1))?.total == taken.total => Limit::None,
        _ => Limit::Search,
    };
    Ok(Fit {
        batch,
        context,
        limit,
        memory: taken,
        headroom: Bytes::of_bits(headroom),
        left: free.filter(|_| found > 0),
        short: (found == 0).then(|| Bytes::of_bits(taken.total.bits().saturating_sub(room.bits))),
    })
}

/// The same with none of what was looked for.
const fn zero((batch, context): (u64, u64), wanted: Wanted) -> (u64, u64) {
    match wanted {
        Wanted::Context { .. } => (batch, 0),
        Wanted::Batch { .. } => (0, context),
    }
}

impl Headroom {
    /// Bits of it, rounded up, of so many bits of memory.
    fn bits(self, memory: u128) -> Result<u128, Error> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the memory")]
        let bits = match self {
            Self::Percent(percent) if (0.0..100.0).contains(&percent) => {
                (memory as f64 * percent / 100.0).ceil() as u128
            }
            Self::Percent(percent) => {
                return Err(Error::field("headroom", format!("{percent}%"), "from 0% to less than 100%"));
            }
            Self::Bytes(bytes) => u128::from(bytes) * 8,
        };
        if bits < memory {
            return Ok(bits);
        }
        let expected = format!("less than the device's memory, {} bytes", memory / 8);
        Err(Error::field("headroom", format!("{} bytes", bits / 8), expected))
    }
}

/// What sequences of a model have to fit.
struct Room<'a> {
    model: &'a Model,
    options: &'a Options,
    bits: u128,
    /// The lengths of chunks after which caches are emptied.
    chunks: Vec<u64>,
}

impl Room<'_> {
    fn memory(&self, batch: u64, context: u64) -> Result<Memory, Error> {
        let step = if self.model.is_encoder() {
            Workload::prefill(batch, context)
        } else {
            Workload::decode(batch, context.saturating_sub(1))
        };
        Ok(Memory::of_step(self.model, &step, self.options)?)
    }

    /// The most that so many sequences have taken when they have got to that length: at it, or when their chunks were last
    /// full.
    fn fullest(&self, (batch, context): (u64, u64)) -> Result<Memory, Error> {
        let mut most = self.memory(batch, context)?;
        for chunk in &self.chunks {
            let full = (context.saturating_add(1) / chunk * chunk).saturating_sub(1);
            if (1..context).contains(&full) {
                let memory = self.memory(batch, full)?;
                most = if memory.total > most.total { memory } else { most };
            }
        }
        Ok(most)
    }
}

/// The lengths of all chunks that a model's attention goes by.
fn chunks(model: &Model) -> Result<Vec<u64>, Error> {
    let mut found = Vec::new();
    let sizes = model.sizes(&Workload::decode(1, 0))?;
    model.architecture().with(|op| chunked(op, &sizes, &mut found));
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn chunked(op: &Op<'_>, sizes: &[u128], found: &mut Vec<u64>) {
    if let Mask::Chunked { w, .. } = op.mask {
        found.extend(u64::try_from(sizes[usize::from(w)]).ok().filter(|length| *length > 1));
    }
    for step in op.steps {
        // A call whose sizes are none doesn't run.
        if let Kind::Call(call) = step.kind
            && let Ok(sizes) = inside(op, &call, sizes)
        {
            chunked(call.op, &sizes, found);
        }
    }
}

/// The largest number from 1 to `most` that is small enough; 0 if none is. What is more than one that isn't isn't either.
pub(crate) fn largest(most: u64, enough: &dyn Fn(u64) -> Result<bool, Error>) -> Result<u64, Error> {
    let (mut low, mut high) = (0, 1);
    while enough(high)? {
        if high >= most {
            return Ok(most);
        }
        (low, high) = (high, (high * 2).min(most));
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        *(if enough(middle)? { &mut low } else { &mut high }) = middle;
    }
    Ok(low)
}
