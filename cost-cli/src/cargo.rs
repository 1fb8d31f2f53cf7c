//! `cargo cost`: the command `cost` in any project, whose operators it finds by their names.
//!
//! `cargo cost report -p mycrate Block --at …` is `cost report PATH/OF/THE/FILE.rs::Block --at …`: the operator as text, so
//! that nothing is compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(mut args: Vec<String>) -> Result<ExitCode, String> {
    // Cargo gives the name of the command too.
    if args.first().is_some_and(|first| first == "cost") {
        args.remove(0);
    }
    let package = package(&mut args)?;
    let names = args.iter().skip(1).take_while(|arg| is_name(arg)).count();
    if names > 0 && (package.is_some() || is_project()) {
        let files = sources(package.as_deref())?;
        for arg in &mut args[1..=names] {
            match found(arg, &files)? {
                Some(place) => *arg = place,
                None if package.is_some() => return Err(unknown(arg, package.as_deref(), &files)),
                // A built-in operator.
                None => {}
            }
        }
    }
    let cost = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("cost");
    let status = Command::new(&cost).args(&args).status();
    let status = status.map_err(|error| format!("{}, which is installed beside this: {error}", cost.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::from(2), ExitCode::from))
}

/// The package that `-p` names, which is taken out of the arguments.
fn package(args: &mut Vec<String>) -> Result<Option<String>, String> {
    let Some(at) = args.iter().position(|arg| arg == "-p" || arg == "--package") else { return Ok(None) };
    if at + 1 >= args.len() {
        return Err(format!("{}: found nothing, expected a package of this project", args[at]));
    }
    args.remove(at);
    Ok(Some(args.remove(at)))
}

/// Whether an argument can be an operator's name.
fn is_name(arg: &str) -> bool {
    arg.starts_with(|c: char| c.is_ascii_uppercase()) && arg.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether there is a project here.
fn is_project() -> bool {
    std::env::current_dir().is_ok_and(|here| here.ancestors().any(|folder| folder.join("Cargo.toml").is_file()))
}

/// The source files of a package, or of the one that the command runs in.
fn sources(package: Option<&str>) -> Result<Vec<PathBuf>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(["metadata", "--no-deps", "--format-version", "1"]).output();
    let output = output.map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let folder =
        |of: &Value| of["manifest_path"].as_str().and_then(|path| Path::new(path).parent().map(Path::to_owned));
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    let meant: Vec<&&Value> = match package {
        Some(name) => packages.iter().filter(|it| it["name"] == name).collect(),
        None => {
            let around = packages.iter().filter(|it| folder(it).is_some_and(|folder| here.starts_with(folder)));
            let nearest = around.max_by_key(|it| folder(it).map(|folder| folder.components().count()));
            nearest.map_or_else(|| packages.iter().collect(), |one| vec![one])
        }
    };
    if let (Some(name), true) = (package, meant.is_empty()) {
        let names: Vec<&str> = packages.iter().filter_map(|it| it["name"].as_str()).collect();
        let near = cost_core::nearest(name, names.iter().copied());
        let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
        return Err(format!("-p: found `{name}`{near}, expected one of {}", names.join(", ")));
    }
    let mut files = Vec::new();
    for package in meant {
        if let Some(folder) = folder(package) {
            walk(&folder.join("src"), 0, &mut files);
        }
    }
    files.sort();
    Ok(files)
}

/// The most files that are looked at, and the most folders in each other.
const FILES: usize = 10_000;
const DEPTH: usize = 32;

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth < DEPTH && !path.is_symlink() {
            walk(&path, depth + 1, files);
        } else if path.extension().is_some_and(|end| end == "rs") && files.len() < FILES {
            files.push(path);
        }
    }
}

/// Where an operator of that name is, as `cost` takes it. An error if it is in several places.
fn found(name: &str, files: &[PathBuf]) -> Result<Option<String>, String> {
    let places: Vec<String> = files
        .iter()
        .filter(|file| operators(file).iter().any(|known| known == name))
        .map(|file| place(file, name))
        .collect();
    match places.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => Err(format!("found {name} in {} files, expected one of {}", several.len(), several.join(", "))),
    }
}

/// An operator of a file as `cost` takes it: from the crate's own file through its modules where the file names others of
/// them, so that these are read too.
fn place(file: &Path, name: &str) -> String {
    let alone = format!("{}::{name}", file.display());
    let text = fs::read_to_string(file).unwrap_or_default();
    let Some(folder) = file.ancestors().find(|folder| folder.ends_with("src")) else { return alone };
    let roots = ["lib.rs", "main.rs"].map(|root| folder.join(root));
    let (Some(root), Ok(within)) = (roots.iter().find(|root| root.is_file()), file.strip_prefix(folder)) else {
        return alone;
    };
    if root == file || !["crate::", "super::"].iter().any(|path| text.contains(path)) {
        return alone;
    }
    let within = within.with_extension("");
    let mut modules: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
    modules.pop_if(|last| last == "mod");
    format!("{}::{}::{name}", root.display(), modules.join("::"))
}

/// The names of the functions in a file that are operators by their names.
fn operators(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let after = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = if line.starts_with("pub") {
            line.split_once("fn ").map_or(line, |(_, rest)| rest)
        } else {
            line.strip_prefix("fn ")?
        };
        line.split(['<', '(']).next()
    });
    after.map(str::trim).filter(|name| is_name(name)).map(str::to_owned).collect()
}

fn unknown(name: &str, package: Option<&str>, files: &[PathBuf]) -> String {
    let known: Vec<String> = files.iter().flat_map(|file| operators(file)).collect();
    let near = cost_core::nearest(name, known.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("{}: found no operator `{name}`{near}", package.unwrap_or("this package"))
}
