//! Matrix memories with exponential gates (xLSTM, arXiv:2405.04517; xLSTM 7B, arXiv:2503.13427).

use cost_macros::cost;

use crate::ops::{GatedMlp, RmsNorm};

/// The cell: `n` heads' memories of `k·h` numbers, kept in range by the largest exponent so far.
#[cost(part = attention)]
pub fn MlstmCell<b, s, n, k, h>(
    q: Act<b, s, n, k>,
    key: Act<b, s, n, k>,
    value: Act<b, s, n, h>,
    input: Act<b, s, n>,
    forget: Act<b, s, n>,
    #[format(f32)] memory: State<b, n, k, h>,
    #[format(f32)] normaliser: State<b, n, k>,
    #[format(f32)] largest: State<b, n>,
) -> Act<b, s, n, h> {
    let kept = log(sigmoid(forget)) + before::<s>(largest);
    let most = maximum(kept, input);
    update(largest, most);
    let forget = exp(kept - most);
    let key = scale(key) * exp(input - most);
    let held = before::<s>(memory) * forget + key * value;
    update(memory, held);
    let norm = before::<s>(normaliser) * forget + key;
    update(normaliser, norm);
    dot::<k>(held, q) / maximum(abs(dot::<k>(norm, q)), exp(-most))
}

/// A layer around the cell: projections to queries, keys, values and gates, capped input and forget gates, and after the cell
/// a norm by head, the output gate and the projection back.
///
/// The input is normalised, and the result added to it. `bias` is 1 where all projections and norms have biases; those of
/// the gates always do.
#[cost(part = attention)]
pub fn MlstmMixer<b, s, d, n, k, h, bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm_mlstm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("norm_mlstm.bias")]
    norm_shift: Weight<d>,
    #[hf("mlstm_layer.q.weight")] wq: Weight<d, n, k>,
    #[hf("mlstm_layer.k.weight")] wk: Weight<d, n, k>,
    #[hf("mlstm_layer.v.weight")] wv: Weight<d, n, h>,
    #[hf("mlstm_layer.q.bias")] bq: Weight<n, k>,
    #[hf("mlstm_layer.k.bias")] bk: Weight<n, k>,
    #[hf("mlstm_layer.v.bias")] bv: Weight<n, h>,
    #[hf("mlstm_layer.ogate_preact.weight")] to_gate: Weight<d, n, h>,
    #[hf("mlstm_layer.ogate_preact.bias")] gate_bias: Weight<n, h>,
    #[hf("mlstm_layer.igate_preact.weight")] to_input: Weight<d, n>,
    #[hf("mlstm_layer.igate_preact.bias")] input_bias: Weight<n>,
    #[hf("mlstm_layer.fgate_preact.weight")] to_forget: Weight<d, n>,
    #[hf("mlstm_layer.fgate_preact.bias")] forget_bias: Weight<n>,
    #[part(norm)]
    #[hf("mlstm_layer.multihead_norm.weight")]
    head_norm: Weight<n, h>,
    #[part(norm)]
    #[hf("mlstm_layer.multihead_norm.bias")]
    head_shift: Weight<n, h>,
    #[hf("mlstm_layer.out_proj.weight")] out: Weight<n, h, d>,
    #[hf("mlstm_layer.out_proj.bias")] out_bias: Weight<d>,
) -> Act<b, s, d> {
    let normed = RmsNorm { b, s, d }(x, norm);
    let mixer_in = normed;
    if bias {
        mixer_in = normed + norm_shift;
    }
    let q = dot::<d>(mixer_in, wq);
    let key = dot::<d>(mixer_in, wk);
    let value = dot::<d>(mixer_in, wv);
    let gate = dot::<d>(mixer_in, to_gate);
    if bias {
        q = q + bq;
        key = key + bk;
        value = value + bv;
        gate = gate + gate_bias;
    }
    let input = tanh((dot::<d>(mixer_in, to_input) + input_bias) / 15.0) * 15.0;
    let forget = tanh((dot::<d>(mixer_in, to_forget) + forget_bias) / 15.0) * 15.0;
    let read = MlstmCell { b, s, n, k, h }(q, key, value, input, forget);
    let normal = layer_norm::<h>(read) * head_norm;
    if bias {
        normal = normal + head_shift;
    }
    let y = dot::<(n, h)>(normal * sigmoid(gate), out);
    if bias {
        y = y + out_bias;
    }
    let mixer_out = x + y;
    mixer_out
}

/// A gated network on a normalised input and added to it; `bias` is 1 where its projections and the norm have biases.
#[cost(part = ffn)]
pub fn BiasedNormFeedForward<b, s, d, f, bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm_ffn.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("norm_ffn.bias")]
    norm_shift: Weight<d>,
) -> Act<b, s, d> {
    let normed = RmsNorm { b, s, d }(x, norm);
    let ffn_in = normed;
    if bias {
        ffn_in = normed + norm_shift;
    }
    let ffn = GatedMlp { b, s, d, f, bias, gelu: 0, relu2: 0, limited: 0, sub_norm: 0 }(ffn_in);
    let ffn_out = x + ffn;
    ffn_out
}
