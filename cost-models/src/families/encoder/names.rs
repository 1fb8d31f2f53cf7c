//! What the model types call their tensors in released files, by what stands on top. The operators' own names are BERT's,
//! with scores by `classifier`.

use super::read::Top;

/// Modules' names in the operators and those in their place.
type Names = Vec<(&'static str, &'static str)>;

/// BERT's, with that on top.
pub(super) fn bert(top: Top) -> Names {
    match top {
        Top::Pretraining | Top::NextSentence => vec![("classifier", "cls.seq_relationship")],
        Top::Answers => vec![("classifier", "qa_outputs")],
        _ => vec![],
    }
}

/// RoBERTa's, with that on top.
pub(super) fn roberta(top: Top) -> Names {
    let head: &[(&str, &str)] = match top {
        Top::Sequence => &[("bert.pooler.dense", "classifier.dense"), ("classifier", "classifier.out_proj")],
        Top::Answers => &[("classifier", "qa_outputs")],
        _ => &[],
    };
    [head, &ROBERTA].concat()
}

/// ALBERT's, with that on top.
pub(super) fn albert(top: Top) -> Names {
    let head: &[(&str, &str)] = match top {
        Top::Pretraining => &[("classifier", "sop_classifier.classifier")],
        Top::Answers => &[("classifier", "qa_outputs")],
        _ => &[],
    };
    [head, &ALBERT].concat()
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
