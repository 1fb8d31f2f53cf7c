//! Modules of a file that are in files of their own.

use syn::{Attribute, Item};

use super::{on_a_large_stack, parsed};

/// A module that a text declares and another file has: `mod name;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The modules of the text around it, and its name.
    pub path: Vec<String>,
    /// The byte of the `;` in whose place its items would stand.
    pub at: usize,
}

/// The modules that a text declares and other files have, in order: none where the text isn't Rust, and neither those for tests
/// alone nor those whose file an attribute names.
///
/// ```
/// let found = cost_syntax::text::modules("mod a { mod b; }");
/// assert_eq!((found[0].path.join("::").as_str(), found[0].at), ("a::b", 13));
/// ```
pub fn modules(text: &str) -> Vec<Apart> {
    on_a_large_stack(|| {
        let mut found = Vec::new();
        if let Ok(file) = parsed(text) {
            find(&file.items, &mut Vec::new(), &mut found);
        }
        // Places are remembered for as long as a thread lives.
        proc_macro2::extra::invalidate_current_thread_spans();
        found
    })
}

fn find(items: &[Item], around: &mut Vec<String>, found: &mut Vec<Apart>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        if module.attrs.iter().any(elsewhere) {
            continue;
        }
        around.push(module.ident.to_string());
        match (&module.content, &module.semi) {
            (Some((_, items)), _) => find(items, around, found),
            (None, Some(semi)) => {
                found.push(Apart { path: around.clone(), at: semi.spans[0].byte_range().start });
            }
            (None, None) => {}
        }
        around.pop();
    }
}

/// Whether an attribute says that a module is for tests, or in a file of another name.
fn elsewhere(attr: &Attribute) -> bool {
    let tests = || attr.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"));
    attr.path().is_ident("path") || attr.path().is_ident("cfg") && tests()
}
