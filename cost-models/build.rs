//! Lists the declarations that are built in, with what they are found by: a model type is one file of `src/family/builtin`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Lists and the folders whose files they are of.
const FOLDERS: [(&str, &str); 2] = [("DECLARED", "src/family/builtin"), ("WHOLE", "src/family/whole")];

fn main() -> io::Result<()> {
    let mut lists = String::new();
    for (name, folder) in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        list(name, folder, &mut lists)?;
    }
    fs::write(Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("builtin.rs"), lists)
}

/// Writes the list `name` of the declarations in `folder`, relative to the package as cargo runs this program in it:
/// what is written names no place of this machine, so that a checkout that is moved builds.
fn list(name: &str, folder: &str, lists: &mut String) -> io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| entry.map(|it| it.path())).collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let _ = writeln!(lists, "pub(super) static {name}: [BuiltIn; {}] = [", files.len());
    for file in &files {
        let text = fs::read_to_string(file)?;
        let [types, transformers, gguf] =
            ["types", "transformers", "architecture"].map(|key| format!("&[{}]", values(&text, key)));
        let (path, read) = (format!("/{}", file.display()), "OnceLock::new()");
        let _ = writeln!(
            lists,
            "BuiltIn {{ types: {types}, transformers: {transformers}, gguf: {gguf}, \
             text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?})), read: {read} }},"
        );
    }
    lists.push_str("];\n");
    Ok(())
}

/// The texts of an entry that stands on a line of its own, with commas between them.
fn values(text: &str, key: &str) -> String {
    let entry = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    let texts = entry.unwrap_or_default().split('"').skip(1).step_by(2);
    texts.map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}
