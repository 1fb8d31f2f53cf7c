//! From arguments to models, devices and options.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use cost_core::Options;
use cost_core::cost::{Formats, Kernel, Masking, Num, Pattern, Routing, is_masked};
use cost_core::format::{Class, Format};
use cost_core::hardware::{self, Hardware};
use cost_core::library::Source;
use cost_core::op::{Op, Role};
use cost_core::text::short;
use cost_models::{Family, Logits, Model, Phase, Reading, Workload, catalogue, file, operators};

use crate::args::{
    CountingArgs, FormatArgs, LogitsArg, MaskingArg, MlaArg, PhaseArg, ReadingArgs, ReportArgs, SetArgs,
};
use crate::failure::{Result, text};
use crate::output::tell;
use crate::source;

/// The model of that name or path. Warnings are errors if reading is strict; else notes are whoever's to tell who asks.
pub(crate) fn model(name: &str, reading: &ReadingArgs) -> Result<Model> {
    let path = Path::new(name);
    let ends = |known: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(known));
    let is_path = ["json", "gguf", "safetensors"].into_iter().any(ends) || name.contains(['/', '\\']);
    let is_path = is_path || path.is_dir();
    if !is_path && let Some(option) = reading.of_config() {
        return Err(format!("--{option}: found the built-in model {}, expected a config", short(name, 100)));
    }
    let model = if is_path {
        let (family, like) = (reading.family.as_deref().map(family).transpose()?, reading.like.clone());
        Model::from_path_as(path, &Reading { family, like })
    } else {
        catalogue::find(name)
    };
    let mut model = model.map_err(text)?;
    if let Some(file) = &reading.weights_file {
        model = model.with_weights_at(file).map_err(text)?;
    }
    check_strict(reading.strict, name, &model)?;
    match reading.mla {
        None => Ok(model),
        Some(_) if !model.is_latent() => Err(format!("--mla: {name} has no latent attention")),
        Some(form) => Ok(model.with_latent(matches!(form, MlaArg::Absorbed))),
    }
}

/// The declaration in a file, with the operators of the file beside it that it names.
fn family(path: &Path) -> Result<Arc<Family>> {
    let shown = path.display();
    let declaration = contents(&path.to_string_lossy())?;
    let wrong = |error| format!("{shown}: {error}");
    let own = match Family::operators_file(&declaration).map_err(wrong)? {
        Some(file) => source::operators(&path.with_file_name(file).to_string_lossy())?,
        None => Vec::new(),
    };
    Family::parse(&declaration, own).map(Arc::new).map_err(wrong)
}

/// An error if a model of that name is read strictly and has warnings.
pub(crate) fn check_strict(strict: bool, name: &str, model: &Model) -> Result<()> {
    let warnings: Vec<&str> = model.warnings().map(|note| note.text.as_str()).collect();
    if strict && !warnings.is_empty() { Err(format!("{name}: {}", warnings.join("; "))) } else { Ok(()) }
}

/// As [`model`], with its warnings told on stderr: for commands whose output has no place for them.
pub(crate) fn told(name: &str, reading: &ReadingArgs) -> Result<Model> {
    let model = model(name, reading)?;
    for note in model.warnings() {
        tell(&format!("{}: {name}: {}", note.level, note.text));
    }
    Ok(model)
}

/// What a command is asked about.
pub(crate) enum Subject {
    /// An operator.
    Operator(Source),
    /// A model.
    Model(Box<Model>),
}

/// The operator or model of that name or path.
pub(crate) fn subject(name: &str, reading: &ReadingArgs) -> Result<Subject> {
    let operator = match source::named(name) {
        Some((path, name)) => Some(source::operator(path, name)?),
        None => operators().find(|op| op.name.eq_ignore_ascii_case(name)).map(Source::Declared),
    };
    match operator {
        Some(operator) => {
            let unused = [
                ("family", reading.family.is_some()),
                ("like", reading.like.is_some()),
                ("weights-file", reading.weights_file.is_some()),
                ("strict", reading.strict),
                ("mla", reading.mla.is_some()),
            ];
            match unused.iter().find(|(_, given)| *given) {
                Some((option, _)) => {
                    Err(format!("--{option}: found the operator {}, expected a model", operator.name()))
                }
                None => Ok(Subject::Operator(operator)),
            }
        }
        None => match model(name, reading) {
            Ok(model) => Ok(Subject::Model(Box::new(model))),
            Err(error) => Err(not_found(name, error)),
        },
    }
}

/// A name that is no model may have been meant as an operator.
fn not_found(name: &str, error: String) -> String {
    match cost_core::nearest(name, operators().map(|op| op.name)) {
        Some(near) if error.starts_with("unknown model") => format!("{error}; or did you mean the operator `{near}`?"),
        _ if error.starts_with("unknown model") => {
            let names: Vec<&str> = operators().map(|op| op.name).collect();
            format!("{error}, or an operator: {}", names.join(", "))
        }
        _ => error,
    }
}

/// The devices of these names; a name that ends in .toml is a file of devices.
pub(crate) fn devices(names: &[String]) -> Result<Vec<Hardware>> {
    let mut found = Vec::new();
    for name in names {
        if Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
            let contents = contents(name)?;
            found.extend(hardware::parse(&contents).map_err(|error| format!("{name}: {error}"))?);
        } else {
            found.push(hardware::find(name).map_err(text)?);
        }
    }
    each_once("--on", found.iter().map(|device| device.id.as_ref()))?;
    Ok(found)
}

/// An error if something of a list comes twice: what is printed of it would, too.
pub(crate) fn each_once<'n>(what: &str, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
    let mut known = HashSet::new();
    match names.into_iter().find(|name| !known.insert(*name)) {
        Some(name) => Err(format!("{what}: found {} twice, expected each once", short(name, 100))),
        None => Ok(()),
    }
}

/// The most bytes of a file of devices, requests or a tree.
const FILE_LIMIT: u64 = 1 << 24;

/// The text of a file that is given to the command besides models.
pub(crate) fn contents(name: &str) -> Result<String> {
    file::text(Path::new(name), FILE_LIMIT).map_err(text)
}

/// The number formats that are asked for.
pub(crate) fn formats(args: &FormatArgs, rules: &SetArgs) -> Result<Formats> {
    let given = |flag, text: &Option<String>| text.as_deref().map(|text| format(flag, text)).transpose();
    let [weights, acts, cache] =
        [given("weights", &args.weights)?, given("acts", &args.acts)?, given("cache", &args.cache)?];
    Ok(Formats { weights, acts, cache, set: set(&rules.set)?, ..Formats::default() })
}

/// How to count.
pub(crate) fn options(args: &CountingArgs) -> Result<Options> {
    let formats = formats(&args.formats, &args.rules.set)?;
    let (masking, routing) = (masking(args.rules.masking), routing(&args.rules.routing)?);
    Ok(Options { formats, masking, routing, multiply: multiply(&args.rules.multiply)? })
}

/// A number format.
pub(crate) fn format(flag: &str, value: &str) -> Result<Format> {
    value.parse().map_err(|error| format!("--{flag}: {error}"))
}

/// The values of `--set`.
pub(crate) fn set(values: &[String]) -> Result<Vec<(Pattern, Format)>> {
    let each = values.iter().map(|text| {
        let (pattern, value) = text
            .rsplit_once('=')
            .ok_or_else(|| format!("--set: found `{text}`, expected PATTERN=FORMAT, as in '*.keys=int8'"))?;
        Ok((Pattern::new(pattern), format("set", value)?))
    });
    each.collect()
}

/// The values of `--multiply`: a class for all products, or for those that a pattern names.
pub(crate) fn multiply(values: &[String]) -> Result<Vec<(Pattern, Class)>> {
    let each = values.iter().map(|text| {
        let (pattern, class) = text.rsplit_once('=').unwrap_or(("*", text));
        Ok((Pattern::new(pattern), class.parse().map_err(|error| format!("--multiply: {error}"))?))
    });
    each.collect()
}

/// The value of `--masking`.
pub(crate) const fn masking(arg: MaskingArg) -> Masking {
    match arg {
        MaskingArg::Exact => Masking::Exact,
        MaskingArg::Dense => Masking::Dense,
    }
}

/// The value of `--routing`.
pub(crate) fn routing(arg: &str) -> Result<Routing> {
    Ok(match arg {
        "expected" => Routing::Expected,
        "worst" => Routing::Worst,
        count => Routing::Given(count.parse().map_err(|_| {
            format!("--routing: found `{count}`, expected `expected`, `worst` or a number of distinct experts")
        })?),
    })
}

/// The value of `--logits`.
pub(crate) const fn logits(arg: LogitsArg) -> Logits {
    match arg {
        LogitsArg::Last => Logits::Last,
        LogitsArg::All => Logits::All,
    }
}

/// Every option must be about something in an operator or model of that name, at sizes at which its kernels are these.
pub(crate) fn check_read<N: Num>(
    asked: &Options,
    (name, op, sizes): (&str, &Op<'_>, &[N]),
    kernels: &[Kernel<N>],
) -> Result<()> {
    let roles: [(&str, Option<Format>, &[Role], &str); 2] = [
        ("weights", asked.formats.weights, &[Role::Weight], "weights"),
        ("cache", asked.formats.cache, &[Role::Cache, Role::State], "caches or states"),
    ];
    let operands = || kernels.iter().flat_map(|kernel| &kernel.operands);
    for (flag, format, roles, what) in roles {
        if let Some(format) = format.filter(|_| !operands().any(|it| roles.contains(&it.role))) {
            return Err(format!("--{flag}: found {format}, expected none: {name} has no {what}"));
        }
    }
    if asked.masking == Masking::Dense && !is_masked(op, sizes, asked).map_err(text)? {
        return Err(format!("--masking: found dense, expected none: {name} has no mask"));
    }
    check_patterns(asked, kernels)
}

/// [`check_read`] of a model's step, if anything is asked for.
pub(crate) fn check_read_of(asked: &Options, model: &Model, step: &Workload) -> Result<()> {
    if *asked == Options::default() {
        return Ok(());
    }
    let (sizes, kernels) = (model.sizes(step).map_err(text)?, model.kernels(step, asked).map_err(text)?);
    model.architecture().with(|op| check_read(asked, (&model.name, op, &sizes), &kernels))
}

/// Every `--set` and `--multiply` must match something, or it would change nothing in silence.
fn check_patterns<N: Num>(options: &Options, kernels: &[Kernel<N>]) -> Result<()> {
    let operands = kernels.iter().flat_map(|kernel| &kernel.operands);
    let names = operands.flat_map(|it| [Some(it.path.as_str()), it.gguf.as_deref(), it.hf.as_deref()]);
    let names: Vec<&str> = names.flatten().collect();
    for (pattern, _) in &options.formats.set {
        if !names.iter().any(|name| pattern.matches(name)) {
            let near = cost_core::nearest(&pattern.to_string(), names.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("--set: `{pattern}` matches no tensor{near} (report --tensors lists them)"));
        }
    }
    let products = kernels.iter().filter(|kernel| kernel.class().is_some());
    let named = |kernel: &Kernel<N>, pattern: &Pattern| {
        let names =
            kernel.operands.iter().flat_map(|it| [Some(it.path.as_str()), it.gguf.as_deref(), it.hf.as_deref()]);
        pattern.matches(&kernel.path) || names.flatten().any(|name| pattern.matches(name))
    };
    for (pattern, _) in &options.multiply {
        if !products.clone().any(|kernel| named(kernel, pattern)) {
            return Err(format!(
                "--multiply: `{pattern}` matches neither a kernel with products nor an operand of one"
            ));
        }
    }
    Ok(())
}

/// The step that is asked about.
pub(crate) fn workload(args: &ReportArgs, model: &Model) -> Workload {
    const PROMPT: u64 = 2048;
    let (phase, past, tokens) = match args.phase {
        None if model.is_encoder() => (Phase::Prefill, 0, model.context.unwrap_or(PROMPT).min(PROMPT)),
        Some(PhaseArg::Prefill) => (Phase::Prefill, 0, PROMPT),
        Some(PhaseArg::Decode) | None => (Phase::Decode, 4096, 1),
    };
    let (past, tokens) = (args.past.unwrap_or(past), args.tokens.unwrap_or(tokens));
    Workload { phase, batch: args.batch.unwrap_or(1), past, tokens, logits: args.logits.map_or(Logits::Last, logits) }
}
