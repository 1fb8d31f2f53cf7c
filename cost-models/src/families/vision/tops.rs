//! What stands on top of a tower: one vector for an image.

use cost_macros::cost;

/// The first of `s` positions, normalised (CLIP, arXiv:2103.00020).
#[cost]
pub fn FirstNorm<b, s, o, d>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("vision_model.post_layernorm.weight")]
    weight: Weight<d>,
    #[part(norm)]
    #[hf("vision_model.post_layernorm.bias")]
    shift: Weight<d>,
) -> Act<b, o, d> {
    // The last positions stand for the first: as many are read.
    let pooled = layer_norm::<d>(last::<s, o>(x)) * weight + shift;
    pooled
}

/// A vector of width `j` made of that (CLIP, arXiv:2103.00020).
#[cost]
pub fn FirstProjection<b, o, d, j>(
    x: Act<b, o, d>,
    #[hf("visual_projection.weight")] weight: Weight<d, j>,
) -> Act<b, o, j> {
    let projected = dot::<d>(x, weight);
    projected
}

/// Scores of `labels` labels by the first of `s` positions, and by the mean of all where `mean` is 1 (DINOv2, arXiv:2304.07193).
#[cost]
pub fn ImageScores<b, s, o, d, labels, mean>(
    x: Act<b, s, d>,
    #[hf("classifier.weight")] weight: Weight<d, labels>,
    #[hf("classifier.weight")] of_mean: Weight<d, labels>,
    #[hf("classifier.bias")] bias: Weight<labels>,
) -> Act<b, o, labels> {
    // The last positions stand for the first: as many are read.
    let scores = dot::<d>(last::<s, o>(x), weight) + bias;
    if mean {
        scores = scores + dot::<d>(mean::<s>(x), of_mean);
    }
    scores
}

/// Attention of a learned query to all positions, then a network added to its result (SigLIP, arXiv:2303.15343).
#[cost(e = d)]
pub fn ProbePooling<b, s, y, d, e, n, k, f, gelu, gelu_tanh>(
    x: Act<b, s, d>,
    which: Ids<b>,
    #[hf("vision_model.head.probe")] probe: Weight<y, d>,
    #[hf("vision_model.head.attention.in_proj_weight")] wq: Weight<d, n, k>,
    #[hf("vision_model.head.attention.in_proj_bias")] bq: Weight<n, k>,
    #[hf("vision_model.head.attention.in_proj_weight")] wk: Weight<d, n, k>,
    #[hf("vision_model.head.attention.in_proj_bias")] bk: Weight<n, k>,
    #[hf("vision_model.head.attention.in_proj_weight")] wv: Weight<d, n, k>,
    #[hf("vision_model.head.attention.in_proj_bias")] bv: Weight<n, k>,
    #[hf("vision_model.head.attention.out_proj.weight")] wo: Weight<n, k, e>,
    #[hf("vision_model.head.attention.out_proj.bias")] bo: Weight<e>,
    #[part(norm)]
    #[hf("vision_model.head.layernorm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("vision_model.head.layernorm.bias")]
    shift: Weight<d>,
    #[hf("vision_model.head.mlp.fc1.weight")] up: Weight<d, f>,
    #[hf("vision_model.head.mlp.fc1.bias")] up_bias: Weight<f>,
    #[hf("vision_model.head.mlp.fc2.weight")] down: Weight<f, e>,
    #[hf("vision_model.head.mlp.fc2.bias")] down_bias: Weight<e>,
) -> Act<b, d> {
    // As the class has it: for each image anew.
    let query = store(dot::<d>(gather::<y>(probe, which), wq) + bq);
    let keys = store(dot::<d>(x, wk) + bk);
    let values = store(dot::<d>(x, wv) + bv);
    let attended = store(dot::<s>(softmax::<s>(scale(dot::<k>(query, keys))), values));
    let pooled = store(rename::<e, d>(dot::<(n, k)>(attended, wo) + bo));
    let head_in = store(layer_norm::<d>(pooled) * scale + shift);
    let z = dot::<d>(head_in, up) + up_bias;
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    let h = store(z);
    let y = pooled + rename::<e, d>(dot::<f>(h, down) + down_bias);
    y
}
