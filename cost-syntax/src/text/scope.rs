//! The operators of a file, module by module, and what names mean in each.

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, Item, ItemFn, UseTree};

/// The crate whose operators files may import.
const MODELS: &str = "cost_models";

/// The operators of a file and its modules.
#[derive(Default)]
pub(super) struct Scopes<'f> {
    pub(super) operators: Vec<Found<'f>>,
    /// `#[cost]` on what is no function.
    pub(super) misplaced: Vec<&'f Attribute>,
    /// What is wrong with functions under `#[cost]` that are no operators.
    pub(super) plain: Vec<syn::Error>,
    modules: Vec<Module>,
}

/// A function under `#[cost]`.
pub(super) struct Found<'f> {
    pub(super) function: &'f ItemFn,
    /// The arguments of the attribute.
    pub(super) args: TokenStream,
    /// Attributes but for `#[cost]`.
    pub(super) others: Vec<Attribute>,
    pub(super) module: usize,
    /// Its name, with the modules around it.
    pub(super) path: String,
}

#[derive(Default)]
struct Module {
    parent: Option<usize>,
    /// Its name, with the modules around it and `::` at the end; empty for the file itself.
    prefix: String,
    modules: Vec<(String, usize)>,
    operators: Vec<(String, usize)>,
    /// Imported names and where they come from.
    uses: Vec<(String, Vec<String>)>,
    /// Modules of which all names are imported.
    globs: Vec<Vec<String>>,
    /// Names that are something else than operators.
    others: Vec<String>,
}

/// What a path leads to.
pub(super) enum Meaning {
    /// An operator of the file.
    Own(usize),
    /// A name that should be one of the built-in operators'.
    BuiltIn(String),
    /// Something that is no operator.
    Other,
    /// Something of another crate.
    Foreign(String),
    /// Nothing.
    Nothing,
}

impl<'f> Scopes<'f> {
    /// The operators of a file. If there is no `#[cost]` in it, a function by itself is one, and knows all built-in ones.
    pub(super) fn of(file: &'f syn::File) -> Self {
        let mut scopes = Self { modules: vec![Module::default()], ..Self::default() };
        scopes.items(&file.items, 0);
        if scopes.operators.is_empty()
            && scopes.plain.is_empty()
            && let [Item::Fn(function)] = file.items.as_slice()
        {
            scopes.modules[0].globs.push(vec![MODELS.to_owned()]);
            scopes.add(function, TokenStream::new(), function.attrs.clone(), 0);
        }
        scopes
    }

    fn items(&mut self, items: &'f [Item], module: usize) {
        for item in items {
            if !matches!(item, Item::Fn(_)) {
                self.misplaced.extend(attributes(item).iter().find(|attr| is_cost(attr)));
            }
            match item {
                Item::Fn(function) => match operator(&function.attrs) {
                    Some((args, others)) => self.add(function, args, others, module),
                    None => self.modules[module].others.push(function.sig.ident.to_string()),
                },
                Item::Mod(inner) => {
                    let Some((_, items)) = &inner.content else { continue };
                    let prefix = format!("{}{}::", self.modules[module].prefix, inner.ident);
                    self.modules.push(Module { parent: Some(module), prefix, ..Module::default() });
                    let at = self.modules.len() - 1;
                    self.modules[module].modules.push((inner.ident.to_string(), at));
                    self.items(items, at);
                }
                Item::Use(it) => self.modules[module].import(&it.tree, &mut Vec::new()),
                Item::Struct(syn::ItemStruct { ident, .. })
                | Item::Enum(syn::ItemEnum { ident, .. })
                | Item::Union(syn::ItemUnion { ident, .. })
                | Item::Type(syn::ItemType { ident, .. }) => self.modules[module].others.push(ident.to_string()),
                _ => {}
            }
        }
    }

    fn add(&mut self, function: &'f ItemFn, args: TokenStream, others: Vec<Attribute>, module: usize) {
        let name = function.sig.ident.to_string();
        if let Some(error) = crate::plain(function) {
            self.plain.push(error);
            self.modules[module].others.push(name);
            return;
        }
        let path = format!("{}{name}", self.modules[module].prefix);
        self.modules[module].operators.push((name, self.operators.len()));
        self.operators.push(Found { function, args, others, module, path });
    }

    /// The operator of the same name in the same module that comes before one.
    pub(super) fn before(&self, operator: usize) -> Option<usize> {
        let found = &self.operators[operator];
        let mut named = self.modules[found.module].operators.iter();
        named.find(|(name, at)| *at < operator && found.function.sig.ident == name).map(|(_, at)| *at)
    }

    /// What a path means in a module.
    pub(super) fn meaning(&self, module: usize, path: &syn::Path) -> Meaning {
        let path: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.resolve(module, &path, 0)
    }

    /// The names that operators go by in a module.
    pub(super) fn names(&self, module: usize) -> Vec<&str> {
        let it = &self.modules[module];
        it.operators
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(it.uses.iter().map(|(name, _)| name.as_str()))
            .collect()
    }

    fn resolve(&self, module: usize, path: &[String], steps: usize) -> Meaning {
        // Imports can go round in circles.
        const MOST: usize = 32;
        let Some((first, rest)) = path.split_first().filter(|_| steps < MOST) else { return Meaning::Nothing };
        let it = &self.modules[module];
        let further = |module| self.resolve(module, rest, steps + 1);
        match first.as_str() {
            MODELS => return path.last().cloned().map_or(Meaning::Nothing, Meaning::BuiltIn),
            "self" if !rest.is_empty() => return further(module),
            // A file may be a module of a crate whose other modules aren't at hand.
            "crate" | "super" if !rest.is_empty() => {
                let around = if first == "crate" { Some(0) } else { it.parent };
                return match around.map_or(Meaning::Nothing, further) {
                    Meaning::Nothing => Meaning::Foreign(first.clone()),
                    found => found,
                };
            }
            _ => {}
        }
        let named = |list: &[(String, usize)]| list.iter().find(|(name, _)| name == first).map(|(_, at)| *at);
        if rest.is_empty() {
            if let Some(at) = named(&it.operators) {
                return Meaning::Own(at);
            }
            if it.others.contains(first) {
                return Meaning::Other;
            }
        } else if let Some(inner) = named(&it.modules) {
            return further(inner);
        }
        if let Some((_, from)) = it.uses.iter().find(|(name, _)| name == first) {
            let path: Vec<String> = from.iter().chain(rest).cloned().collect();
            return self.imported(module, &path, steps);
        }
        // Of several modules that are imported whole, one that has the name.
        let mut foreign = Meaning::Nothing;
        for glob in &it.globs {
            let path: Vec<String> = glob.iter().chain(path).cloned().collect();
            match self.imported(module, &path, steps) {
                Meaning::Nothing => {}
                // Whether another crate has the name can't be told.
                found @ (Meaning::Foreign(_) | Meaning::BuiltIn(_)) => foreign = found,
                found => return found,
            }
        }
        foreign
    }

    /// What an imported path means: one that begins with no module of the file leads to another crate.
    fn imported(&self, module: usize, path: &[String], steps: usize) -> Meaning {
        let it = &self.modules[module];
        let known = |name: &str| {
            matches!(name, "self" | "super" | "crate" | MODELS) || it.modules.iter().any(|(module, _)| module == name)
        };
        match path.first() {
            Some(first) if !known(first) => Meaning::Foreign(first.clone()),
            _ => self.resolve(module, path, steps + 1),
        }
    }
}

impl Module {
    /// Takes in what a `use` says, `before` being the path around this part of it.
    fn import(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        let mut named = |name: &Ident, own: &Ident, before: &[String]| {
            // `use a::{self}` imports `a`.
            let (name, path) = match before.last() {
                Some(last) if name == "self" => (last.clone(), before.to_vec()),
                _ => (own.to_string(), before.iter().cloned().chain([name.to_string()]).collect()),
            };
            self.uses.push((name, path));
        };
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
                before.pop();
            }
            UseTree::Name(name) => named(&name.ident, &name.ident, before),
            UseTree::Rename(it) => named(&it.ident, &it.rename, before),
            UseTree::Glob(_) => self.globs.push(before.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
        }
    }
}

fn is_cost(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == "cost" || last.ident == "cost_of_models")
}

/// The attributes of an item that can have `#[cost]` by mistake.
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(syn::ItemConst { attrs, .. })
        | Item::Enum(syn::ItemEnum { attrs, .. })
        | Item::Impl(syn::ItemImpl { attrs, .. })
        | Item::Mod(syn::ItemMod { attrs, .. })
        | Item::Static(syn::ItemStatic { attrs, .. })
        | Item::Struct(syn::ItemStruct { attrs, .. })
        | Item::Trait(syn::ItemTrait { attrs, .. })
        | Item::Type(syn::ItemType { attrs, .. }) => attrs,
        _ => &[],
    }
}

/// The arguments of `#[cost]` and the other attributes, if it is among them.
fn operator(attrs: &[Attribute]) -> Option<(TokenStream, Vec<Attribute>)> {
    let own = attrs.iter().find(|attr| is_cost(attr))?;
    let args = match &own.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let others = attrs.iter().filter(|attr| !std::ptr::eq(*attr, own)).cloned().collect();
    Some((args, others))
}
