//! What the model types call their tensors in released files, by what stands on top. The operators' own names are BERT's,
//! with scores by `classifier`.

use std::sync::LazyLock;

use cost_core::Operator;
use cost_core::op::Op;

use super::read::Top;
use super::{Encoder, SharedEncoder};
use crate::names::renamed;

/// An encoder with the names of a model type.
type Named = LazyLock<&'static Op<'static>>;

/// BERT's, with that on top.
pub(super) fn bert(top: Top) -> &'static Op<'static> {
    static PAIRS: Named = LazyLock::new(|| renamed(Encoder::OP, &[("classifier", "cls.seq_relationship")]));
    static ANSWERS: Named = LazyLock::new(|| renamed(Encoder::OP, &[("classifier", "qa_outputs")]));
    match top {
        Top::Pretraining | Top::NextSentence => &PAIRS,
        Top::Answers => &ANSWERS,
        _ => Encoder::OP,
    }
}

/// RoBERTa's, with that on top.
pub(super) fn roberta(top: Top) -> &'static Op<'static> {
    static PLAIN: Named = LazyLock::new(|| renamed(Encoder::OP, &ROBERTA));
    static SEQUENCE: Named = LazyLock::new(|| {
        let head = [("bert.pooler.dense", "classifier.dense"), ("classifier", "classifier.out_proj")];
        renamed(Encoder::OP, &[&head[..], &ROBERTA].concat())
    });
    static ANSWERS: Named =
        LazyLock::new(|| renamed(Encoder::OP, &[&[("classifier", "qa_outputs")][..], &ROBERTA].concat()));
    match top {
        Top::Sequence => &SEQUENCE,
        Top::Answers => &ANSWERS,
        _ => &PLAIN,
    }
}

/// ALBERT's, with that on top.
pub(super) fn albert(top: Top) -> &'static Op<'static> {
    static PLAIN: Named = LazyLock::new(|| renamed(SharedEncoder::OP, &ALBERT));
    static PAIRS: Named = LazyLock::new(|| {
        renamed(SharedEncoder::OP, &[&[("classifier", "sop_classifier.classifier")][..], &ALBERT].concat())
    });
    static ANSWERS: Named =
        LazyLock::new(|| renamed(SharedEncoder::OP, &[&[("classifier", "qa_outputs")][..], &ALBERT].concat()));
    match top {
        Top::Pretraining => &PAIRS,
        Top::Answers => &ANSWERS,
        _ => &PLAIN,
    }
}

const ROBERTA: [(&str, &str); 8] = [
    ("bert.embeddings.word_embeddings", "roberta.embeddings.word_embeddings"),
    ("bert.embeddings.position_embeddings", "roberta.embeddings.position_embeddings"),
    ("bert.embeddings.token_type_embeddings", "roberta.embeddings.token_type_embeddings"),
    ("bert.embeddings.LayerNorm", "roberta.embeddings.LayerNorm"),
    ("bert.pooler.dense", "roberta.pooler.dense"),
    ("cls.predictions.transform.dense", "lm_head.dense"),
    ("cls.predictions.transform.LayerNorm", "lm_head.layer_norm"),
    ("cls.predictions", "lm_head"),
];

const ALBERT: [(&str, &str); 8] = [
    ("bert.embeddings.word_embeddings", "albert.embeddings.word_embeddings"),
    ("bert.embeddings.position_embeddings", "albert.embeddings.position_embeddings"),
    ("bert.embeddings.token_type_embeddings", "albert.embeddings.token_type_embeddings"),
    ("bert.embeddings.LayerNorm", "albert.embeddings.LayerNorm"),
    ("bert.pooler.dense", "albert.pooler"),
    ("cls.predictions.transform.dense", "predictions.dense"),
    ("cls.predictions.transform.LayerNorm", "predictions.LayerNorm"),
    ("cls.predictions", "predictions"),
];
