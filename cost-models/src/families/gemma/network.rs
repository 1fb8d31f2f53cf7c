//! Second halves of layers with embeddings of their own (Gemma 3n and 4).

use cost_macros::cost;

use crate::ops::{Expert, GatedMlp, RmsNorm};

/// What a layer's own table of width `p` has for the token, joined with a normalised projection of the token's embedding.
#[cost(part = embedding)]
pub fn LayerEmbedding<b, s, d, p, z>(
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    #[hf("model.embed_tokens_per_layer.weight")]
    #[gguf("per_layer_token_embd.weight")]
    table: Weight<z, p>,
    #[hf("model.per_layer_model_projection.weight")]
    #[gguf("per_layer_model_proj.weight")]
    project: Weight<d, p>,
) -> Act<b, s, p> {
    let projected = rms_norm::<p>(scale(dot::<d>(embedded, project))) * projection_norm;
    scale(projected + scale(gather::<z>(table, ids)))
}

/// A hidden state's gate on its layer's embedding, projected back and normalised.
#[cost(part = embedding)]
pub fn GatedLayerEmbedding<b, s, d, p>(
    x: Act<b, s, d>,
    own: Act<b, s, p>,
    #[hf("per_layer_input_gate.weight")]
    #[gguf("blk.*.inp_gate.weight")]
    gate: Weight<d, p>,
    #[hf("per_layer_projection.weight")]
    #[gguf("blk.*.proj.weight")]
    up: Weight<p, d>,
    #[part(norm)]
    #[hf("post_per_layer_input_norm.weight")]
    #[gguf("blk.*.post_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    let gated = gelu_tanh(dot::<d>(x, gate)) * own;
    rms_norm::<d>(dot::<p>(gated, up)) * norm
}

/// The mixture beside a network: `top` of `e` experts of width `m`, chosen by a softmax of the scaled, normalised input, each
/// with a factor of its own; input and result normalised.
#[cost(part = ffn)]
pub fn BesideMoe<b, s, d, e, top, m>(
    x: Act<b, s, d>,
    #[hf("router.scale")]
    #[gguf("blk.*.ffn_gate_inp.scale")]
    router_scale: Weight<d>,
    #[hf("router.proj.weight")]
    #[gguf("blk.*.ffn_gate_inp.weight")]
    router: Weight<d, e>,
    #[hf("router.per_expert_scale")]
    #[gguf("blk.*.ffn_down_exps.scale")]
    expert_scale: Weight<e>,
    #[part(norm)]
    #[hf("pre_feedforward_layernorm_2.weight")]
    #[gguf("blk.*.pre_ffw_norm_2.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm_2.weight")]
    #[gguf("blk.*.post_ffw_norm_2.weight")]
    result_norm: Weight<d>,
) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(scale(rms_norm::<d>(x)) * router_scale, router)) * expert_scale;
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let y = experts::<e, top>(Expert { b, s, d, f: m, bias: 0, gelu: 1, relu2: 0, limited: 0 }(ffn_in), gates);
    rms_norm::<d>(y) * result_norm
}

/// A gated network with GELU, input and result normalised; then the layer's own embedding where `per_layer` is 1, and a factor
/// for the whole layer. Where `mixed` is 1, a mixture stands beside the network.
#[cost(part = ffn)]
pub fn PerLayerFeedForward<b, s, d, f, p, z, per_layer, mixed, e, top, m>(
    x: Act<b, s, d>,
    ids: Ids<b, s>,
    embedded: Act<b, s, d>,
    projection_norm: Weight<p>,
    #[part(norm)]
    #[hf("pre_feedforward_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm.weight")]
    #[gguf("blk.*.post_ffw_norm.weight")]
    result_norm: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm_1.weight")]
    #[gguf("blk.*.post_ffw_norm_1.weight")]
    network_norm: Weight<d>,
    #[part(buffer)]
    #[hf("layer_scalar")]
    #[gguf("blk.*.layer_output_scale.weight")]
    factor: Weight,
) -> Act<b, s, d> {
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let ffn = GatedMlp { b, s, d, f, bias: 0, gelu: 1, relu2: 0, limited: 0, sub_norm: 0 }(ffn_in);
    if mixed {
        ffn = rms_norm::<d>(ffn) * network_norm + BesideMoe { .. }(x);
    }
    let y = x + rms_norm::<d>(ffn) * result_norm;
    if per_layer {
        let own = LayerEmbedding { .. }(ids, embedded, projection_norm);
        y = y + GatedLayerEmbedding { .. }(y, own);
    }
    let ffn_out = y * factor;
    ffn_out
}
