//! Losses, and layers whose tensors have one size along several axes.

use cost_models::cost;
use cost_models::ops::LmHead;

/// Cross entropy of `v` logits with the token that follows: a log-softmax, the largest logit subtracted, of which one number
/// is looked up.
#[cost]
pub fn CrossEntropy<b, s, v>(logits: Act<b, s, v>, targets: Ids<b, s>) -> Act<b, s> {
    let shifted = logits - max::<v>(logits);
    log(sum::<v>(exp(shifted))) - gather::<v>(shifted, targets)
}

/// The loss of a language model's head: the mean over all positions.
#[cost]
pub fn LanguageModelLoss<b, s, d, v>(x: Act<b, s, d>, targets: Ids<b, s>) -> Act {
    let logits = LmHead { b, s, o: s, d, v }(x);
    mean::<(b, s)>(CrossEntropy { b, s, v }(logits, targets))
}

/// Contrastive loss of `i` pairs of images and texts (CLIP, arXiv:2103.00020): each is to find its own among all others.
#[cost(j = i)]
pub fn ContrastiveLoss<i, j, d>(images: Act<i, d>, texts: Act<i, d>, labels: Ids<i>, temperature: Weight) -> Act {
    let images = images * rsqrt(sum::<d>(square(images)));
    let texts = texts * rsqrt(sum::<d>(square(texts)));
    let logits = dot::<d>(images, rename::<i, j>(texts)) * exp(temperature);
    let shares = exp(logits);
    let normalisers = mean::<i>(log(sum::<j>(shares))) + mean::<j>(log(sum::<i>(shares)));
    normalisers * 0.5 - mean::<i>(gather::<j>(logits, labels))
}

/// Style loss (arXiv:1508.06576): how far the Gram matrix of `j` features over `p` places is from the one that is wanted.
#[cost(i = j)]
pub fn StyleLoss<b, j, i, p>(features: Act<b, j, p>, wanted: Act<b, j, i>) -> Act<b> {
    let gram = dot::<p>(features, rename::<j, i>(features));
    scale(sum::<(j, i)>(square(gram - wanted)))
}

/// Non-local block (arXiv:1711.07971) in its Gaussian form: `s` places attend to each other as they are.
#[cost(t = s)]
pub fn NonLocal<b, s, t, d, k>(x: Act<b, s, d>, wv: Weight<d, k>, wo: Weight<k, d>) -> Act<b, s, d> {
    let shares = softmax::<t>(dot::<d>(x, rename::<s, t>(x)));
    x + dot::<k>(dot::<t>(shares, rename::<s, t>(dot::<d>(x, wv))), wo)
}

/// Highway layer (arXiv:1505.00387): square matrices, one of which says how much of the input is replaced.
#[cost(e = d)]
pub fn Highway<b, d, e>(
    x: Act<b, d>,
    plain: Weight<d, e>,
    plain_bias: Weight<e>,
    transform: Weight<d, e>,
    transform_bias: Weight<e>,
) -> Act<b, d> {
    let h = rename::<e, d>(relu(dot::<d>(x, plain) + plain_bias));
    let share = rename::<e, d>(sigmoid(dot::<d>(x, transform) + transform_bias));
    h * share + x * (1.0 - share)
}

/// Position-wise feed-forward network of the Transformer (arXiv:1706.03762), four times as wide inside.
#[cost(f = 4 * d)]
pub fn FeedForward<b, s, d, f>(
    x: Act<b, s, d>,
    up: Weight<d, f>,
    up_bias: Weight<f>,
    down: Weight<f, d>,
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    dot::<f>(relu(dot::<d>(x, up) + up_bias), down) + down_bias
}

/// One step of Adam (arXiv:1412.6980) with decoupled weight decay (arXiv:1711.05101) on a parameter of `d` by `f`: the moments
/// are states in 32 bits, and the parameter is written over.
#[cost]
pub fn AdamW<d, f>(
    grad: Act<d, f>,
    w: Weight<d, f>,
    #[format(f32)] first: State<d, f>,
    #[format(f32)] second: State<d, f>,
) -> Weight<d, f> {
    let m = first * 0.9 + grad * 0.1;
    let v = second * 0.999 + square(grad) * 0.001;
    update(first, m);
    update(second, v);
    write(w, w - (m / (sqrt(v) + 0.00000001) + w * 0.01) * 0.001)
}
