//! The arguments of commands, and those that several have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), a GGUF file, or an operator such as
    /// `GqaAttention`
    pub(crate) what: String,
    /// Sizes of an operator's axes, all of them, as in `b=1,s=2048,d=4096,f=11008`
    #[arg(long, value_name = "AXIS=N,…", value_delimiter = ',')]
    pub(crate) at: Vec<String>,
    /// [default: decode; prefill for an encoder]
    #[arg(long, value_enum)]
    pub(crate) phase: Option<PhaseArg>,
    /// Sequences [default: 1]
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) batch: Option<u64>,
    /// Tokens in the cache [default: 4096 in decode, 0 in prefill]
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) past: Option<u64>,
    /// New tokens [default: 1 in decode, 2048 in prefill, or as many as an encoder takes]
    #[arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens: Option<u64>,
    /// Devices, by name or from a .toml file, separated by commas
    #[arg(long, value_name = "HW,…", value_delimiter = ',')]
    pub(crate) on: Vec<String>,
    #[command(flatten)]
    pub(crate) counting: CountingArgs,
    /// List the parameters and caches that the step reads, by their GGUF names
    #[arg(long)]
    pub(crate) tensors: bool,
    /// Logits of the last token or of all [default: last]
    #[arg(long, value_enum)]
    pub(crate) logits: Option<LogitsArg>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct FitArgs {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), or a GGUF file
    pub(crate) model: String,
    /// Devices, by name or from a .toml file, separated by commas
    #[arg(long, value_name = "HW,…", value_delimiter = ',', required = true)]
    pub(crate) on: Vec<String>,
    /// How long a context so many sequences can have
    #[arg(long, conflicts_with = "past", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) batch: Option<u64>,
    /// How many sequences can decode a token over so many cached ones each
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) past: Option<u64>,
    /// What is left free of the memory: a share, as in `10%`, or an amount, as in `2GB` or `512MiB`
    #[arg(long, value_name = "AMOUNT", default_value = "10%", allow_hyphen_values = true)]
    pub(crate) headroom: String,
    #[command(flatten)]
    pub(crate) formats: FormatArgs,
    #[command(flatten)]
    pub(crate) set: SetArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct CountingArgs {
    #[command(flatten)]
    pub(crate) formats: FormatArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Args)]
pub(crate) struct FormatArgs {
    /// Number format of the weights: bf16, int8, int4:g128:f16, mxfp4, … [default: what the model is stored in, or bf16]
    #[arg(long, value_name = "F")]
    pub(crate) weights: Option<String>,
    /// Number format of the activations [default: what the model says, or bf16]
    #[arg(long, value_name = "F")]
    pub(crate) acts: Option<String>,
    /// Number format of the key/value cache [default: what the model says, or bf16]
    #[arg(long, value_name = "F")]
    pub(crate) cache: Option<String>,
}

#[derive(Args)]
pub(crate) struct SetArgs {
    /// Number format of the tensors whose path or name in files matches, as in '*.keys=int8'; the last match decides
    #[arg(long, value_name = "PATTERN=F")]
    pub(crate) set: Vec<String>,
}

#[derive(Args)]
pub(crate) struct RuleArgs {
    #[command(flatten)]
    pub(crate) set: SetArgs,
    /// What products multiply in: bf16, fp8, int8, fp4, int4 or f32, of all products or of those whose kernel's path or
    /// operand matches, as in '*.experts.*=fp8' [default: what the model says, or the wider of what is stored]
    #[arg(long, value_name = "[PATTERN=]F")]
    pub(crate) multiply: Vec<String>,
    /// Count the query–key pairs that exist, or the whole rectangle as PyTorch's counter does
    #[arg(long, value_enum, default_value_t = MaskingArg::Exact)]
    pub(crate) masking: MaskingArg,
    /// Distinct experts that a step touches in each layer: `expected` under uniform routing, `worst` for as many as
    /// possible, or a number
    #[arg(long, default_value = "expected", allow_hyphen_values = true)]
    pub(crate) routing: String,
}

#[derive(Args)]
pub(crate) struct ReadingArgs {
    /// Weights in GGUF or safetensors files, whose headers say how each tensor is stored
    #[arg(long, value_name = "FILE")]
    pub(crate) weights_file: Option<PathBuf>,
    /// A declaration of a model type in TOML, for a config whose type isn't known
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) family: Option<PathBuf>,
    /// Read the config as one of this model type, whatever type it says
    #[arg(long, value_name = "TYPE")]
    pub(crate) like: Option<String>,
    /// Refuse a config with fields that nothing is known about, instead of warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// The form of latent attention; without it plain in prefill and absorbed in decode
    #[arg(long, value_name = "FORM")]
    pub(crate) mla: Option<MlaArg>,
}

impl ReadingArgs {
    /// An option that is given and that is about reading a config.
    pub(crate) fn of_config(&self) -> Option<&'static str> {
        let given = [("family", self.family.is_some()), ("like", self.like.is_some())];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

#[derive(Args)]
pub(crate) struct FormulaArgs {
    /// A built-in model, a config.json, a directory that holds one, a GGUF file, or an operator such as `GqaAttention`
    pub(crate) what: String,
    /// LaTeX instead of plain text
    #[arg(long)]
    pub(crate) latex: bool,
    #[command(flatten)]
    pub(crate) counting: CountingArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct BalanceArgs {
    /// A built-in model, a config.json, a directory that holds one, a GGUF file, or an operator such as `GqaAttention`
    pub(crate) what: String,
    /// The axis to solve for
    #[arg(long, value_name = "AXIS")]
    pub(crate) solve: String,
    /// Devices, by name or from a .toml file, separated by commas
    #[arg(long, value_name = "HW,…", value_delimiter = ',', required = true)]
    pub(crate) on: Vec<String>,
    /// Sizes of the other axes, as in `b=1,t=512`; a model knows its own, and b=1, s=1, o=1, t=4097 unless told
    #[arg(long, value_name = "AXIS=N,…", value_delimiter = ',')]
    pub(crate) at: Vec<String>,
    /// Values of the axis to judge one by one, as in `1,4,8`
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) values: Vec<u64>,
    /// Count all FLOPs, or those in matrix products only
    #[arg(long, value_enum, default_value_t = CountArg::All)]
    pub(crate) count: CountArg,
    #[command(flatten)]
    pub(crate) counting: CountingArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountArg {
    All,
    Matmul,
}

#[derive(Args)]
pub(crate) struct ModelsArgs {
    /// The model types that are known instead, as a markdown page
    #[arg(long, conflicts_with_all = ["strict", "json", "model_type", "min_params", "max_params", "fits"])]
    pub(crate) types: bool,
    /// Only those of this model type
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) model_type: Option<String>,
    /// Only those of at least so many parameters, as in `7e9`, `7B` or `350M`
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) min_params: Option<String>,
    /// Only those of at most so many parameters
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) max_params: Option<String>,
    /// Only those whose weights, in their own formats, and cache of one token fit the memory of a device, by name or from
    /// a .toml file
    #[arg(long, value_name = "HW")]
    pub(crate) fits: Option<String>,
    /// Refuse a config with fields that nothing is known about
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct HardwareArgs {
    /// Devices, by name or from a .toml file; all built-in ones if none is named
    pub(crate) devices: Vec<String>,
    /// Where each device's figures are from
    #[arg(long)]
    pub(crate) sources: bool,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct PublishedArgs {
    /// Only the figures of this document
    #[arg(long, value_enum)]
    pub(crate) document: Option<DocumentArg>,
    /// Only the figures with this verdict
    #[arg(long, value_enum)]
    pub(crate) verdict: Option<VerdictArg>,
    /// JSON instead of a table
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// A markdown page instead of a table
    #[arg(long)]
    pub(crate) markdown: bool,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PhaseArg {
    Prefill,
    Decode,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogitsArg {
    Last,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MaskingArg {
    Exact,
    Dense,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MlaArg {
    /// Keys and values of every head expanded from the latent cache
    Plain,
    /// Queries brought into the latent space, the cache read as it is
    Absorbed,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DocumentArg {
    /// The myth of decoding large models
    #[value(name = "000")]
    Myth,
    /// The memory bandwidth bottleneck of attention
    #[value(name = "001")]
    Bandwidth,
    /// From MHA to MQA, GQA and MLA
    #[value(name = "002")]
    Heads,
    /// Decoding efficiency and acceleration
    #[value(name = "003")]
    Acceleration,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum VerdictArg {
    Derive,
    Exact,
    Rounded,
    Convention,
    Erratum,
    Empirical,
    Pending,
}
