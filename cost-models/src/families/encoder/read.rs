//! BERT (arXiv:1810.04805), RoBERTa (arXiv:1907.11692) and ALBERT (arXiv:1909.11942) from their configs. Defaults as in
//! transformers' `configuration_bert.py`, `configuration_roberta.py` and `configuration_albert.py`; what stands on top as
//! the class that `architectures` names has it in `modeling_*.py`, and a pooler alone where it names none: that is how
//! BERT's 110 and 340 million parameters are counted.

use super::{Encoder, SharedEncoder, names};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::Activation;
use crate::families::decoder::MOST_LAYERS;
use crate::families::gpt::layers;
use crate::model::Model;

/// What stands on top of an encoder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Top {
    /// A pooler.
    Model,
    /// Logits of masked words.
    MaskedLm,
    /// Logits of masked words, and whether two texts belong together.
    Pretraining,
    /// Whether two texts belong together.
    NextSentence,
    /// Labels of a text.
    Sequence,
    /// One score of a text.
    Choice,
    /// Labels of each token.
    Tokens,
    /// Where an answer begins and ends.
    Answers,
}

/// What classes are called after the model's name.
const TOPS: [(&str, Top); 8] = [
    ("Model", Top::Model),
    ("ForMaskedLM", Top::MaskedLm),
    ("ForPreTraining", Top::Pretraining),
    ("ForNextSentencePrediction", Top::NextSentence),
    ("ForSequenceClassification", Top::Sequence),
    ("ForMultipleChoice", Top::Choice),
    ("ForTokenClassification", Top::Tokens),
    ("ForQuestionAnswering", Top::Answers),
];

pub(crate) fn read_bert(fields: &mut Fields) -> Result<Model, Error> {
    let top = top(fields, "Bert", &[])?;
    let encoder = encoder(fields, top, &Defaults { d: 768, heads: 12, f: 3072, v: 30_522, gelu: Activation::Gelu })?;
    // A second text that follows or doesn't; the number of labels says nothing about it.
    let pair = matches!(top, Top::Pretraining | Top::NextSentence);
    let labels = if pair { 2 } else { encoder.labels };
    Ok(Model::new(&Encoder { labels, ..encoder }).encoder().named_by(&names::bert(top)))
}

pub(crate) fn read_roberta(fields: &mut Fields) -> Result<Model, Error> {
    let top = top(fields, "Roberta", &[Top::Pretraining, Top::NextSentence])?;
    if top == Top::MaskedLm {
        // The head's function is GELU whatever the layers' is; others would need axes of their own.
        fields.only("hidden_act", "gelu", &["gelu", "gelu_python"])?;
    }
    let encoder = encoder(fields, top, &Defaults { d: 768, heads: 12, f: 3072, v: 50_265, gelu: Activation::Gelu })?;
    Ok(Model::new(&encoder).encoder().named_by(&names::roberta(top)))
}

pub(crate) fn read_albert(fields: &mut Fields) -> Result<Model, Error> {
    let top = top(fields, "Albert", &[Top::NextSentence])?;
    // What the first release's code could do besides, and none of its checkpoints does.
    fields.same("down_scale_factor", 1, "every released checkpoint")?;
    let r = fields.size_or("embedding_size", Some(128))?;
    let groups = fields.size_or("num_hidden_groups", Some(1))?;
    let inner = fields.size_or("inner_group_num", Some(1))?;
    if inner > MOST_LAYERS {
        return Err(Error::field("inner_group_num", inner, format!("at most {MOST_LAYERS}")));
    }
    let sizes = Defaults { d: 4096, heads: 64, f: 16_384, v: 30_000, gelu: Activation::GeluTanh };
    let encoder = encoder(fields, top, &sizes)?;
    let Encoder { b, s, d, n, k, f, v, m, c, l, labels, pooler, pooled_scores, token_scores, masked_lm, .. } = encoder;
    let Encoder { gelu, gelu_tanh, relu, .. } = encoder;
    // Each group is applied to as many layers, one after the other, and each of its own layers every time.
    let rounds = Fields::quotient(("num_hidden_layers", l), ("num_hidden_groups", groups))?;
    let l = Fields::product(("num_hidden_groups", groups), ("inner_group_num", inner))?;
    let encoder = SharedEncoder {
        b,
        s,
        r,
        d,
        n,
        k,
        f,
        v,
        m,
        c,
        l,
        rounds,
        labels,
        pooler,
        pooled_scores,
        token_scores,
        masked_lm,
        gelu,
        gelu_tanh,
        relu,
    };
    Ok(Model::new(&encoder).encoder().named_by(&names::albert(top)))
}

/// Reads what stands on top: a class of the model's name, but none of `without`.
fn top(fields: &mut Fields, model: &str, without: &[Top]) -> Result<Top, Error> {
    let classes = fields.texts("architectures")?.unwrap_or_default();
    let known = TOPS.iter().filter(|(_, top)| !without.contains(top));
    match classes.as_slice() {
        [] => Ok(Top::Model),
        [class] => {
            let found = class.strip_prefix(model).and_then(|rest| known.clone().find(|(name, _)| *name == rest));
            found.map(|(_, top)| *top).ok_or_else(|| {
                let names: Vec<String> = known.map(|(name, _)| format!("{model}{name}")).collect();
                Error::field("architectures", format!("\"{class}\""), format!("one of {}", names.join(", ")))
            })
        }
        several => Err(Error::field("architectures", format!("{} classes", several.len()), "one")),
    }
}

/// What a config means that leaves them out: width, heads, width of the feed-forward network, vocabulary, its function.
struct Defaults {
    d: u64,
    heads: u64,
    f: u64,
    v: u64,
    gelu: Activation,
}

/// Reads what all of them have.
fn encoder(fields: &mut Fields, top: Top, defaults: &Defaults) -> Result<Encoder, Error> {
    // Keys and values of another model, or of texts that go on: decoders.
    fields.off("is_decoder")?;
    fields.off("add_cross_attention")?;
    // Others have tables of distances in each layer.
    fields.only("position_embedding_type", "absolute", &["absolute"])?;
    // Dropout, and what BERT's first releases say of their pooler.
    fields.passed(&["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"]);
    fields.passed(&["classifier_dropout_prob", "directionality", "gradient_checkpointing", "pooler_fc_size"]);
    fields.passed(&["pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type"]);
    fields.passed(&["label2id", "problem_type", "finetuning_task"]);
    let masked_lm = matches!(top, Top::MaskedLm | Top::Pretraining);
    if !fields.flag("tie_word_embeddings", true)? && masked_lm {
        return Err(Error::field("tie_word_embeddings", "false", "true in a model of masked words"));
    }
    let labels = fields.labels()?;
    if top == Top::Answers && labels != 2 {
        return Err(Error::field("id2label", format!("{labels} labels"), "2, for where an answer begins and ends"));
    }
    let d = fields.size_or("hidden_size", Some(defaults.d))?;
    let heads = fields.size_or("num_attention_heads", Some(defaults.heads))?;
    let pooled_scores = matches!(top, Top::Pretraining | Top::NextSentence | Top::Sequence | Top::Choice);
    let [gelu, gelu_tanh, relu] = Activation::read(fields, "hidden_act", defaults.gelu)?.axes();
    Ok(Encoder {
        b: 1,
        s: 1,
        d,
        n: heads,
        k: Fields::quotient(("hidden_size", d), ("num_attention_heads", heads))?,
        f: fields.size_or("intermediate_size", Some(defaults.f))?,
        v: fields.size_or("vocab_size", Some(defaults.v))?,
        m: fields.size_or("max_position_embeddings", Some(512))?,
        c: fields.size_or("type_vocab_size", Some(2))?,
        l: layers(fields, &["num_hidden_layers"], Some(12))?,
        labels: if top == Top::Choice { 1 } else { labels },
        pooler: u64::from(pooled_scores || top == Top::Model),
        pooled_scores: u64::from(pooled_scores),
        token_scores: u64::from(matches!(top, Top::Tokens | Top::Answers)),
        masked_lm: u64::from(masked_lm),
        gelu,
        gelu_tanh,
        relu,
    })
}
