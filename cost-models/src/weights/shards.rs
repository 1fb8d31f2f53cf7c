//! Which files make up a model's weights.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::unique::Unique;
use super::{Naming, Stored, Value, WeightsFile, gguf, safetensors, wrong};
use crate::error::Error;
use crate::file::{self, wrong as named};

/// The names that a directory's weights have.
const INDEX: &str = "model.safetensors.index.json";
const SINGLE: &str = "model.safetensors";
/// The most parts of a split GGUF file: its count has 16 bits.
const PARTS: i128 = 65_535;

pub(super) fn open(path: &Path) -> Result<WeightsFile, Error> {
    let path = if path.is_dir() { in_directory(path)? } else { path.to_owned() };
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) { indexed(&path) } else { single(&path) }
}

/// The file to begin with in a directory that holds safetensors files.
pub(crate) fn of_directory(directory: &Path) -> Option<PathBuf> {
    let files = [INDEX, SINGLE].map(|name| directory.join(name));
    files.into_iter().find(|file| directory.is_dir() && file.exists())
}

fn in_directory(directory: &Path) -> Result<PathBuf, Error> {
    let none = || named(directory, &format!("no {INDEX} and no {SINGLE} in the directory"));
    of_directory(directory).ok_or_else(none)
}

/// One file, and the other parts of it if it is split.
fn single(path: &Path) -> Result<WeightsFile, Error> {
    let mut file = file::open(path)?;
    let mut start = Vec::new();
    (&mut file).take(9).read_to_end(&mut start).map_err(|error| named(path, &error.to_string()))?;
    if start.starts_with(b"GGUF") {
        let first = gguf::read(file).map_err(|error| named(path, &error.to_string()))?;
        return joined(path, first).map_err(|error| named(path, &error.to_string()));
    }
    if start.get(8) == Some(&b'{') || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("safetensors")) {
        return safetensors::read(file).map_err(|error| named(path, &error.to_string()));
    }
    Err(named(path, "neither GGUF (which begins with \"GGUF\") nor safetensors (whose header begins with `{`)"))
}

/// The files that an `index.json` names. Every tensor must be in the file that the index says, and none besides.
fn indexed(path: &Path) -> Result<WeightsFile, Error> {
    let index = weight_map(path)?;
    let mut shards: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (tensor, shard) in &index {
        shards.entry(shard).or_default().push(tensor);
    }
    let mut all = WeightsFile { naming: Naming::Modules, tensors: Vec::new(), metadata: BTreeMap::new() };
    for (shard, tensors) in shards {
        if shard.is_empty() || shard == ".." || shard.contains(['/', '\\', '\0']) {
            let error = wrong("weight_map", &format!("\"{shard}\""), "the name of a file in the same directory");
            return Err(named(path, &error.to_string()));
        }
        let file = path.with_file_name(shard);
        let contents = safetensors::read(file::open(&file)?).map_err(|error| named(&file, &error.to_string()))?;
        let held: BTreeMap<&str, &Stored> = contents.tensors.iter().map(|it| (it.name.as_str(), it)).collect();
        if let Some(missing) = tensors.iter().find(|tensor| !held.contains_key(**tensor)) {
            return Err(named(&file, &format!("holds no tensor {missing}, which {} says it does", path.display())));
        }
        if let Some(extra) = held.keys().find(|tensor| index.get(**tensor).is_none_or(|other| other != shard)) {
            return Err(named(&file, &format!("holds a tensor {extra}, which {} doesn't say it does", path.display())));
        }
        all.tensors.extend(contents.tensors);
        all.metadata.extend(contents.metadata);
    }
    Ok(all)
}

/// In which file each tensor is.
fn weight_map(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: Unique<String>,
    }

    let text = file::text(path, safetensors::HEADER_LIMIT)?;
    let index: Index = serde_json::from_str(&text).map_err(|error| {
        let expected = "a JSON object with a weight_map from each tensor to its file, each key once";
        named(path, &wrong("index", &error, expected).to_string())
    })?;
    Ok(index.weight_map.0)
}

/// A GGUF file together with the others that it was split into.
fn joined(path: &Path, first: WeightsFile) -> Result<WeightsFile, Error> {
    let Some(parts) = number(&first, "split.count")?.filter(|parts| *parts > 1) else { return Ok(first) };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let own = number(&first, "split.no")?.unwrap_or(0);
    let end = |part: i128| format!("-{:05}-of-{parts:05}.gguf", part + 1);
    let Some(stem) = name.strip_suffix(&end(own)) else {
        return Err(wrong(
            "split.count",
            &parts,
            format!("a file whose name ends in {}, as its parts' names do", end(own)),
        ));
    };
    let mut all = WeightsFile { tensors: Vec::new(), ..first.clone() };
    for part in 0..parts {
        let file = path.with_file_name(format!("{stem}{}", end(part)));
        let contents = if part == own { first.clone() } else { part_of(&file, (part, parts))? };
        if part == 0 {
            all.metadata.clone_from(&contents.metadata);
        }
        all.tensors.extend(contents.tensors);
    }
    let mut names: Vec<&str> = all.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(wrong(pair.first().unwrap_or(&""), &"the tensor in two parts", "each tensor once"));
    }
    match all.metadata.get("split.tensors.count") {
        Some(Value::Integer(count)) if *count != all.tensors.len() as i128 => {
            Err(wrong("split.tensors.count", &count, format!("the {} tensors that the parts have", all.tensors.len())))
        }
        _ => Ok(all),
    }
}

/// A number that a part of a split file has.
fn number(file: &WeightsFile, key: &str) -> Result<Option<i128>, Error> {
    match file.metadata.get(key) {
        None => Ok(None),
        Some(Value::Integer(value)) if (0..=PARTS).contains(value) => Ok(Some(*value)),
        Some(other) => Err(wrong(key, &format!("{other:?}"), format!("a whole number up to {PARTS}"))),
    }
}

/// Another part of a split file, which must say that it is this one, out of so many.
fn part_of(file: &Path, (part, parts): (i128, i128)) -> Result<WeightsFile, Error> {
    let contents = gguf::read(file::open(file)?).map_err(|error| named(file, &error.to_string()))?;
    for (key, expected) in [("split.no", part), ("split.count", parts)] {
        let found = number(&contents, key)?;
        if found != Some(expected) {
            let found = found.map_or_else(|| "nothing".to_owned(), |found| found.to_string());
            return Err(named(file, &wrong(key, &found, expected.to_string()).to_string()));
        }
    }
    Ok(contents)
}
