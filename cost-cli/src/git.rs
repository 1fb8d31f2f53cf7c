//! Files as they were in a revision of Git: `REVISION:PATH`, with the path from the top of the repository as Git has it.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use cost_api::{Error, Kind, Result};
use cost_core::text::short;
use cost_models::{Model, Reading};

/// The most bytes of a config.
const CONFIG_LIMIT: u64 = 1 << 24;

/// The revision and the path, if that is what is named. A file of that very name comes first.
pub(crate) fn named(name: &str) -> Option<(&str, &str)> {
    let (revision, path) = name.split_once(':')?;
    // `C:\models` is a path, and so is `layer.rs::Block`.
    let drive = revision.len() == 1 && path.starts_with(['/', '\\']);
    let revision =
        Some(revision).filter(|it| !it.is_empty() && !drive && !path.is_empty() && !path.starts_with(':'))?;
    (!Path::new(name).exists()).then_some((revision, path))
}

/// Whether there is a revision of that name: `llama3:8b` may be a model's name that isn't known.
pub(crate) fn is_revision(name: &str) -> bool {
    resolve(&format!("{name}^{{tree}}")).is_ok_and(|output| output.status.success())
}

/// The text of a file in a revision, of at most so many bytes.
pub(crate) fn text(revision: &str, path: &str, limit: u64) -> Result<String> {
    let object = object(revision, path)?;
    let said = |reason: &str| wrong(revision, path, reason);
    let mut git = command(&["cat-file", "blob", &object]).spawn().map_err(|error| missing(&error))?;
    let mut bytes = Vec::new();
    if let Some(out) = git.stdout.take() {
        out.take(limit + 1).read_to_end(&mut bytes).map_err(|error| said(&error.to_string()))?;
    }
    let output = git.wait_with_output().map_err(|error| said(&error.to_string()))?;
    if bytes.len() as u64 > limit {
        return Err(said(&format!("more than {limit} bytes; expected at most as many")));
    }
    if !output.status.success() {
        return Err(said(&reason(&output)));
    }
    String::from_utf8(bytes).map_err(|error| said(&format!("not UTF-8 text: {}", error.utf8_error())))
}

/// The model of a config in a revision, or of a directory that holds one.
pub(crate) fn model(revision: &str, path: &str, reading: &Reading) -> Result<Model> {
    let file = Path::new(path);
    let named = |part: Option<&std::ffi::OsStr>| part.map_or_else(|| path.to_owned(), |it| it.to_string_lossy().into());
    let ends = |end: &str| file.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
    if ends("gguf") || ends("safetensors") {
        return Err(wrong(
            revision,
            path,
            "found a file of weights, expected a config.json or a directory that holds one",
        ));
    }
    let (name, config) = if ends("json") {
        (named(file.file_stem()), path.to_owned())
    } else {
        (named(file.file_name()), format!("{}/config.json", path.trim_end_matches('/')))
    };
    let text = text(revision, &config, CONFIG_LIMIT)?;
    let beside = Path::new(&config).with_file_name("hf_quant_config.json");
    if resolve(&format!("{revision}:{}", beside.display()))?.status.success() {
        let expected = "expected weights whose formats config.json says";
        return Err(wrong(revision, &config, &format!("found {} beside it, {expected}", beside.display())));
    }
    Model::from_config_as(&name, &text, reading).map_err(|error| {
        let error = Error::from(error);
        Error { message: format!("{revision}:{config}: {}", error.message).into(), ..error }
    })
}

/// The object that a path names in a revision.
fn object(revision: &str, path: &str) -> Result<String> {
    let commit = resolve(&format!("{revision}^{{tree}}"))?;
    if !commit.status.success() {
        let found = short(revision, 100);
        let message = match reason(&commit) {
            reason if reason.contains("not a git repository") => format!("{found}:{}: {reason}", short(path, 200)),
            _ => {
                format!("found no revision `{found}` in the Git repository here, expected a commit, a branch or a tag")
            }
        };
        return Err(Error { found: Some(revision.to_owned()), ..Error::new(Kind::File, message) });
    }
    let object = resolve(&format!("{revision}:{path}"))?;
    if object.status.success() {
        return Ok(String::from_utf8_lossy(&object.stdout).trim().to_owned());
    }
    let expected = "expected a path from the top of the repository, or from here as ./PATH";
    Err(wrong(revision, path, &format!("no such file in that revision, {expected}")))
}

/// The object of that name, as git says it.
fn resolve(what: &str) -> Result<Output> {
    command(&["rev-parse", "--verify", "--end-of-options", what]).output().map_err(|error| missing(&error))
}

fn command(args: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    git
}

fn reason(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned()
}

fn missing(error: &std::io::Error) -> Error {
    Error::new(Kind::File, format!("git can't be run, which REVISION:PATH needs: {error}"))
}

fn wrong(revision: &str, path: &str, reason: &str) -> Error {
    Error::new(Kind::File, format!("{}:{}: {reason}", short(revision, 100), short(path, 200)))
}
