//! Mixtures of experts.

use cost_macros::cost;

use super::{Expert, SharedExpert};

/// Each token through `top` of `e` experts of width `f`, chosen by a router, and through one that all tokens share, of
/// width `z` (arXiv:1701.06538, 2401.06066).
///
/// The axes that are 0 or 1: `sigmoid_router` where gates are sigmoids rather than a softmax, `router_bias` where the
/// router has one, `router_capped` where its logits go through a tanh, `correction` where a buffer is added to choose
/// experts (arXiv:2408.15664) and `counted_correction` where that is one of the parameters, `shared` where there is a
/// shared expert, `shared_gate` where it is gated and `averaged` where half of each is taken; `bias`, `gelu`, `relu2` and
/// `limited` are those of [`Expert`].
#[cost(part = ffn)]
pub fn Moe<
    b,
    s,
    d,
    e,
    top,
    f,
    z,
    sigmoid_router,
    router_bias,
    router_capped,
    correction,
    counted_correction,
    shared,
    shared_gate,
    averaged,
    bias,
    gelu,
    relu2,
    limited,
>(
    x: Act<b, s, d>,
    #[hf("mlp.gate.weight")]
    #[gguf("blk.*.ffn_gate_inp.weight")]
    router: Weight<d, e>,
    #[hf("mlp.gate.bias")]
    #[gguf("blk.*.ffn_gate_inp.bias")]
    router_shift: Weight<e>,
    #[part(buffer)]
    #[hf("mlp.gate.e_score_correction_bias")]
    #[gguf("blk.*.exp_probs_b.bias")]
    #[format(f32)]
    score_correction: Weight<e>,
    #[hf("mlp.gate.e_score_correction_bias")]
    #[gguf("blk.*.exp_probs_b.bias")]
    #[format(f32)]
    counted_score_correction: Weight<e>,
    #[hf("mlp.shared_expert_gate.weight")]
    #[gguf("blk.*.ffn_gate_inp_shexp.weight")]
    shared_router: Weight<d>,
) -> Act<b, s, d> {
    let gates = dot::<d>(x, router);
    if router_bias {
        gates = gates + router_shift;
    }
    if router_capped {
        gates = tanh(gates / 30.0) * 30.0;
    }
    if sigmoid_router {
        gates = sigmoid(gates);
    } else {
        gates = softmax::<e>(gates);
    }
    if correction {
        gates = gates + score_correction;
    }
    if counted_correction {
        gates = gates + counted_score_correction;
    }
    let y = experts::<e, top>(Expert { b, s, d, f, bias, gelu, relu2, limited }(x), gates);
    if shared {
        let own = SharedExpert { b, s, d, f: z, bias, gelu, relu2, limited }(x);
        if shared_gate {
            own = own * sigmoid(dot::<d>(x, shared_router));
        }
        y = y + own;
        if averaged {
            y = y / 2.0;
        }
    }
    y
}
