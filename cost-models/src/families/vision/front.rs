//! What a tower begins with: patches as vectors, and rows that are no patches.

use cost_macros::cost;

/// The `p` patches of an image, of `z` numbers each, as vectors: a convolution whose windows don't overlap (ViT,
/// arXiv:2010.11929). `patch_bias` is 1 where it has a bias.
#[cost(part = other)]
pub fn PatchEmbedding<b, p, z, d, patch_bias>(
    pixels: Act<b, p, z>,
    #[hf("vision_model.embeddings.patch_embedding.weight")] kernel: Weight<z, d>,
    #[hf("vision_model.embeddings.patch_embedding.bias")] bias: Weight<d>,
) -> Act<b, p, d> {
    let patches = dot::<z>(pixels, kernel);
    if patch_bias {
        patches = patches + bias;
    }
    let patches = store(patches);
    patches
}

/// The patches with `c` learned rows before them, `s` in all: a class token, registers. Of the `y` rows of the table others are
/// for training.
#[cost(part = other, s = c + p)]
pub fn ClassRows<b, s, c, y, p, d>(
    patches: Act<b, p, d>,
    rows: Ids<b, s>,
    places: Act<p>,
    #[hf("vision_model.embeddings.class_embedding")] class: Weight<y, d>,
) -> Act<b, s, d> {
    let joined = put::<s, p>(gather::<y>(class, rows), patches, places);
    joined
}
