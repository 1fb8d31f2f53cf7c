//! Parameters as they were published.

use cost_core::Options;
use cost_models::report::{Params, params};
use cost_models::{Model, Workload};

use crate::configs::{
    ALBERT_BASE, ALBERT_XXLARGE, BERT_BASE, BERT_LARGE, BLOOM, BLOOMZ_7B1, FALCON_7B, FALCON_40B, FALCON_180B,
    GPT_NEOX_20B, GPT2, OPT_6_7B, OPT_350M, PYTHIA_6_9B, REDPAJAMA_3B, REFINED_WEB_7B, ROBERTA_BASE, STARCODER,
    STARCODERBASE_1B,
};
use crate::{model, with};

/// A config, its class if that isn't in it, and its parameters, typed from: [c] the model card; [t] the tensors of the
/// released architecture, counted by transformers 5.23.0 on PyTorch's meta device; [f] the released file.
const PUBLISHED: &[(&str, &str, u128, &str)] = &[
    (GPT2, "", 124_439_808, "[t]"),
    (STARCODER, "", 15_517_456_384, "[t]; 15.5B [c]"),
    (STARCODERBASE_1B, "", 1_124_886_528, "[t]"),
    (OPT_6_7B, "", 6_658_473_984, "[t]; 6.7B, arXiv:2205.01068"),
    (OPT_350M, "", 331_196_416, "[t]; 662,392,832 bytes of 16-bit numbers [f]"),
    (BLOOM, "", 176_247_271_424, "[c], of which 3,596,615,680 are the embedding's"),
    (BLOOMZ_7B1, "", 7_069_016_064, "[c]"),
    (FALCON_7B, "", 6_921_720_704, "[t]"),
    (REFINED_WEB_7B, "", 6_921_720_704, "[t] of falcon-7b"),
    (FALCON_40B, "", 41_303_293_952, "[t]; 40B [c]"),
    (FALCON_180B, "", 178_557_088_768, "179,522,565,120 [f], which has the table of 65024 · 14848 twice"),
    (GPT_NEOX_20B, "", 20_554_567_680, "[c]"),
    (PYTHIA_6_9B, "", 6_857_302_016, "[c]"),
    (REDPAJAMA_3B, "", 2_775_864_320, "[t]; 2.8B [c]"),
    // The 110M and 340M of arXiv:1810.04805 are those with the pooler alone.
    (BERT_BASE, "", 109_482_240, "[t]"),
    (BERT_BASE, "BertModel", 109_482_240, "[t]"),
    (BERT_BASE, "BertForMaskedLM", 109_514_298, "[t]"),
    (BERT_BASE, "BertForPreTraining", 110_106_428, "[f]"),
    (BERT_LARGE, "BertModel", 335_141_888, "[t]"),
    (BERT_LARGE, "BertForPreTraining", 336_226_108, "[f]; 336M [c]"),
    (ROBERTA_BASE, "RobertaModel", 124_645_632, "[t]"),
    (ROBERTA_BASE, "RobertaForMaskedLM", 124_697_433, "[f]; 125M, arXiv:1907.11692"),
    (ALBERT_BASE, "AlbertModel", 11_683_584, "[t]; 12M, arXiv:1909.11942"),
    (ALBERT_BASE, "AlbertForMaskedLM", 11_221_680, "[t]"),
    (ALBERT_BASE, "AlbertForPreTraining", 11_813_810, "[f]"),
    (ALBERT_XXLARGE, "AlbertForPreTraining", 223_158_450, "[f]"),
    // What the config classes of transformers have for a config that says nothing, [t].
    (r#"{"model_type": "gpt2"}"#, "", 124_439_808, "defaults"),
    (r#"{"model_type": "gpt_bigcode"}"#, "", 111_446_784, "defaults"),
    (r#"{"model_type": "opt"}"#, "", 125_239_296, "defaults"),
    (r#"{"model_type": "bloom"}"#, "", 16_156_544, "defaults"),
    (r#"{"model_type": "falcon"}"#, "", 6_921_720_704, "defaults"),
    (r#"{"model_type": "gpt_neox"}"#, "", 20_554_567_680, "defaults"),
    (r#"{"model_type": "bert"}"#, "", 109_482_240, "defaults"),
    (r#"{"model_type": "roberta"}"#, "", 124_644_864, "defaults"),
    (r#"{"model_type": "albert"}"#, "", 222_595_584, "defaults"),
];

fn counted(model: &Model) -> Params {
    params(model, &Workload::prefill(1, 1), &Options::default()).unwrap()
}

#[test]
fn models_have_as_many_parameters_as_was_published() {
    for (config, class, published, source) in PUBLISHED {
        let model = model(&with(config, class));
        let found = counted(&model);
        assert_eq!(found.total, *published, "{class} {source} {config}");
        assert_eq!(found.active, found.total, "{config}");
        assert_eq!(model.warnings().count(), 0, "{config}");
    }
}
