//! What a declaration says.

use std::collections::HashSet;
use std::sync::Arc;

use super::Blocks;
use super::expr::Expr;
use crate::weights::names::Names;

/// A model type as it is declared: which fields of a config its sizes are read from, and what its layers are made of.
///
/// A declaration is a text in TOML. An invented type that is like Llama, but for one field's name and a norm of queries and
/// keys:
///
/// ```
/// use cost_models::{Family, Model, Reading};
///
/// let family = Family::parse(
///     r#"
///     types = "mine"
///     like = "llama"
///     mixers = [{ block = "SelfAttention", head_norm = 1 }]
///     [sizes]
///     f = { size = "ffn_width", default = "4 * d" }
///     "#,
///     vec![],
/// )?;
/// let config = r#"{"model_type": "mine", "hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2,
///     "vocab_size": 100, "tie_word_embeddings": true}"#;
/// let model = Model::from_config_as("mine", config, &Reading { family: Some(family.into()), ..Reading::default() })?;
/// # Ok::<(), cost_models::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// What `model_type` calls it.
    pub(super) types: Vec<String>,
    /// What stands around its layers: the first whose condition holds, or that has none.
    pub(super) frames: Vec<(Option<Expr>, String)>,
    /// What its classes are called, where what is on top goes by that.
    pub(super) classes: Option<Classes>,
    /// What axes and conditions are read from.
    pub(super) sizes: Vec<(String, Size)>,
    /// What may differ from layer to layer.
    pub(super) by_layer: Vec<(String, ByLayer)>,
    pub(super) layers: Layers,
    /// The first halves of layers, and the second ones; of the latter there may be none.
    pub(super) mixers: Vec<Block>,
    pub(super) networks: Vec<Block>,
    pub(super) fields: Others,
    pub(super) checks: Vec<Check>,
    pub(super) notes: Vec<Remark>,
    /// The sizes that a config's class has, which a config inside another one may leave out.
    pub(super) class: Vec<(String, u64)>,
    pub(super) further: Option<Further>,
    /// Where its tokens see later ones too, and which field says so.
    pub(super) both_ways: Option<(Expr, String)>,
    /// The names that some model of this type has a use for.
    pub(super) used: HashSet<String>,
    /// The operators that its blocks are among.
    pub(super) blocks: Blocks,
    /// What its tensors are called in files.
    pub(super) names: Arc<Names>,
    /// What it calls tensors otherwise than its operators do, where a condition holds.
    pub(super) renamed: Vec<Rename>,
}

/// What the classes of a model type are called: how all of them begin, and what may follow, of which the first stands for a
/// config that names none.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    pub(super) start: String,
    pub(super) ends: Vec<String>,
}

impl Others {
    /// Takes out fields that a declaration says something else of.
    pub(super) fn read(&mut self, fields: &[String]) {
        self.only.retain(|(field, _)| !fields.contains(field));
        self.off.retain(|(field, _)| !fields.contains(field));
        self.passed.retain(|field| !fields.contains(field));
        self.same.retain(|(field, _)| !fields.contains(field));
    }
}

/// What one size or condition is read from.
#[derive(Clone, Debug)]
pub(super) struct Size {
    pub(super) from: From,
    /// The names of the field; several must agree.
    pub(super) fields: Vec<String>,
    pub(super) default: Option<Default>,
    /// Whether it is said that what follows from others stands in.
    pub(super) noted: bool,
    /// What null means, where it isn't the same as nothing, and what the text "auto" does.
    pub(super) null: Option<Expr>,
    pub(super) auto: Option<Expr>,
    pub(super) most: Option<Expr>,
    /// Whether it is read at all, and what it is if not.
    pub(super) when: Option<Expr>,
    pub(super) otherwise: Option<Expr>,
    /// The size that formulas write for it where both are the same.
    pub(super) shown_as: Option<String>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum From {
    /// A positive whole number.
    Size,
    /// A whole number, 0 or more.
    Count,
    Flag,
    /// A positive number that caps values, or null for no cap: whether there is one.
    Cap,
    /// The length of a window, which isn't null.
    Window,
    /// Every how many layers there is something.
    Every,
    /// A text, and what each means.
    Text(Vec<(String, u64)>),
    /// Whether the field is there, and not null.
    Has,
    /// How many entries a list has, or a text characters.
    Length,
    /// A positive number, whole or not, that this is multiplied by, rounded down.
    Share(Expr),
    /// Whether the class that the config names ends in one of these.
    Class(Vec<String>),
    /// How many labels there are, by their names or by their number.
    Labels,
    /// No field, but an expression.
    Of(Expr),
}

/// What stands in for a field that isn't there.
#[derive(Clone, Debug)]
pub(super) enum Default {
    /// What the class has: said where it stands in.
    Class(f64),
    /// What follows from other fields.
    Of(Expr),
}

/// What layers may differ in.
#[derive(Clone, Debug)]
pub(super) struct ByLayer {
    pub(super) list: List,
    /// What texts in the list mean; nothing where it holds numbers.
    pub(super) values: Vec<(String, u64)>,
    pub(super) field: String,
    /// What each layer has where the field isn't there; where `layer` is its number.
    pub(super) default: Expr,
    /// What is said of the default where it stands in.
    pub(super) note: Option<String>,
    /// Whether a list of the mixers or networks must say the same.
    pub(super) agrees: bool,
    /// What all entries must be, and why.
    pub(super) only: Option<(u64, String)>,
    /// What the first layer is called in a list of layers.
    pub(super) first: u64,
    /// What layers have that a list says nothing of.
    pub(super) rest: Option<Expr>,
}

/// What a list in a config holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// 0 or 1 for each layer.
    Flags,
    /// A number for each layer.
    Numbers,
    /// The numbers of some layers.
    Layers,
    /// An amount for each layer: whether it is above 0.
    Amounts,
    /// Under the numbers of some layers what differs in them, of which this is one.
    Entries(String),
}

/// How many layers there are, and the fields that list their mixers and networks by name; several must agree.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) count: Option<Expr>,
    pub(super) mixers: Vec<String>,
    pub(super) networks: Vec<String>,
    /// Whether the lists are repeated as often as there are layers.
    pub(super) cycled: bool,
}

/// A block that layers have.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What lists call it. Where some block has a name of one letter, a text lists blocks by its letters.
    pub(super) names: Vec<String>,
    /// What stands before the names of its kernels.
    pub(super) label: String,
    pub(super) operator: String,
    /// Which layers have it where no list says so; all that no other has where it is nothing.
    pub(super) layers: Option<Expr>,
    /// A size or condition that must not be 0 where a layer has it.
    pub(super) needs: Option<String>,
    /// Whether a layer can have it at all; another block of the same name may stand for it then.
    pub(super) when: Option<Expr>,
    /// What later layers know the keys and values by that it hands on, and what it takes of an earlier one.
    pub(super) keeps: Option<String>,
    pub(super) shares: Option<String>,
    /// What its axes are.
    pub(super) bind: Vec<(String, Expr)>,
}

/// Fields that no axis is read from.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    /// Texts that must be one of a few, the first of which stands for nothing.
    pub(super) only: Vec<(String, Vec<String>)>,
    /// Flags that must be off, and why.
    pub(super) off: Vec<(String, Option<String>)>,
    /// Those that cost nothing, whatever they hold.
    pub(super) passed: Vec<String>,
    /// Those that repeat a size.
    pub(super) same: Vec<(String, String)>,
}

/// What must hold; else an error about a field.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) holds: Expr,
    pub(super) field: String,
    pub(super) found: Expr,
    /// What the message says of it, where that isn't the number alone.
    pub(super) shown: Option<String>,
    /// With the values of sizes in braces.
    pub(super) expected: String,
}

/// What names of tensors begin with, and what stands in its place where a condition holds.
#[derive(Clone, Debug)]
pub(super) struct Rename {
    pub(super) when: Option<Expr>,
    pub(super) from: String,
    pub(super) to: String,
}

/// Something to say where a condition holds.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) when: Expr,
    pub(super) field: String,
    pub(super) text: String,
    pub(super) warning: bool,
}

/// Modules that predict further tokens: how many, what stands around their layer, and its blocks by label.
#[derive(Clone, Debug)]
pub(super) struct Further {
    pub(super) count: String,
    pub(super) frame: String,
    pub(super) mixer: String,
    pub(super) network: String,
}

/// Names that have a meaning of their own in expressions.
pub(super) const BUILT_IN: &[&str] = &["layer", "b", "s", "t", "o", "u", "absorbed"];
