//! What a declaration has to do with the fields of a config.

use super::declare::{Default, Family, From, List, Size};

/// A field of a config that a model type reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'f> {
    /// Its name.
    pub name: &'f str,
    /// What it holds.
    pub holds: Holds<'f>,
    /// Whether a config can leave it out.
    pub optional: bool,
    /// Whether it is only read where something else says so.
    pub conditional: bool,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds<'f> {
    /// A positive whole number.
    Size,
    /// A whole number, 0 or more.
    Count,
    /// `true` or `false`.
    Flag,
    /// A positive number, or null for none.
    Cap,
    /// A positive number that another size is multiplied by.
    Share,
    /// One of these texts.
    Text(Vec<&'f str>),
    /// One of these texts for each layer.
    Names(Vec<&'f str>),
    /// A number for each layer.
    Numbers,
    /// The numbers of some layers.
    Layers,
}

impl Family {
    /// The fields that models of this type are read from, several names of one among them; those that cost nothing, or that can
    /// have one value only, are not.
    pub fn fields(&self) -> Vec<Field<'_>> {
        let mut fields = Vec::new();
        // Of a list that is read by layer, it says more that it is one.
        let listed = |size: &Size| size.from == From::Has && size.fields.iter().all(|field| self.lists(field));
        for (_, size) in self.sizes.iter().filter(|(name, size)| self.used.contains(name) && !listed(size)) {
            let holds = match &size.from {
                From::Size | From::Side(_) | From::Window | From::Every => Holds::Size,
                From::Count | From::Has => Holds::Count,
                From::Flag => Holds::Flag,
                From::Cap => Holds::Cap,
                From::Text(values) => Holds::Text(values.iter().map(|(text, _)| text.as_str()).collect()),
                From::Share(_) => Holds::Share,
                // That of a list by layers, which comes below; and what is no single value.
                From::Length | From::Many | From::Of(_) | From::Class(_) | From::Labels => continue,
            };
            // Another name may stand for it, or it is asked whether it is there.
            let asked = |(_, other): &(String, Size)| other.from == From::Has && other.fields == size.fields;
            let optional = size.fields.len() > 1
                || self.sizes.iter().any(asked)
                || size.default.is_some()
                || matches!(size.from, From::Flag | From::Cap | From::Has);
            // What stands on top is no field of these, nor what only that has.
            let mut on_top = false;
            size.when.iter().for_each(|when| when.names(&mut |name| on_top |= self.is_class(name)));
            for name in size.fields.iter().filter(|_| !on_top) {
                fields.push(Field { name, holds: holds.clone(), optional, conditional: size.when.is_some() });
            }
        }
        for (_, list) in self.by_layer.iter().filter(|(name, _)| self.used.contains(name)) {
            let holds = match list.list {
                List::Layers => Holds::Layers,
                List::Amounts | List::Entries(_) => continue,
                List::Flags | List::Numbers => Holds::Numbers,
            };
            fields.push(Field { name: &list.field, holds, optional: true, conditional: false });
        }
        for (lists, blocks) in [(&self.layers.mixers, &self.mixers), (&self.layers.networks, &self.networks)] {
            for name in lists {
                let names = blocks.iter().flat_map(|block| &block.names).map(String::as_str).collect();
                fields.push(Field { name, holds: Holds::Names(names), optional: true, conditional: false });
            }
        }
        fields
    }

    /// Whether a name stands for classes.
    fn is_class(&self, name: &str) -> bool {
        self.sizes.iter().any(|(own, size)| own == name && matches!(size.from, From::Class(_)))
    }

    /// Whether a field is a list by layers.
    fn lists(&self, field: &str) -> bool {
        let named = [&self.layers.mixers, &self.layers.networks].into_iter().flatten();
        named.chain(self.by_layer.iter().map(|(_, list)| &list.field)).any(|own| own == field)
    }

    /// The number that a class has for a field, where it has one.
    pub fn class_default(&self, field: &str) -> Option<f64> {
        let size = self.sizes.iter().find(|(_, size)| size.fields.iter().any(|own| own == field))?;
        match size.1.default {
            Some(Default::Class(number)) => Some(number),
            _ => None,
        }
    }
}
