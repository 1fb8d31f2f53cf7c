//! What attention to blocks costs, by hand.

use cost_core::Operator;

use crate::cases::{Case, Figures, NO_BYTES, case};
use crate::sparse::{
    BlockAttention, BlockGate, BlockMeans, BlockScores, ChooseBlocks, ChosenAttention, CompressBlocks,
    CompressedAttention, MixtureOfBlockAttention, NativeSparseAttention, RecentAttention,
};

pub(crate) const CASES: &[Case] = &[
    // Blocks of 4 tokens, one every 2: 2 of them are 6 tokens.
    case!(
        CompressBlocks { b: 2, t: 9, u: 2, a: 2, n: 2, k: 3, r: 5 },
        Figures {
            matmul: 2 * b * u * n * (4 * k * r + r * k),
            // Places and GELU.
            vector: b * u * n * (4 * k + 5 * r),
            params: 4 * k + 4 * k * r + r * k,
            weights: Some(2 * (4 * k + 4 * k * r + r * k)),
            kept: Some((2 * b * 6 * n * k, 0)),
        }
    ),
    // Blocks end with tokens 4, 6 and 8: of 9 tokens three see none, two each see one, two and three.
    case!(
        CompressedAttention { b: 2, s: 9, t: 9, a: 2, l: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * (2 * (1 + 2 + 3)) * k,
            // Scale and softmax, and the sum over a group.
            vector: (1 + 3 + 1) * b * n * g * (2 * (1 + 2 + 3)),
            kept: Some((2 * 2 * b * 3 * n * k, 0)),
            ..NO_BYTES
        }
    ),
    case!(
        CompressedAttention { b: 2, s: 1, t: 9, a: 2, l: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * 3 * k,
            vector: (1 + 3 + 1) * b * n * g * 3,
            kept: Some((2 * 2 * b * 3 * n * k, 0)),
            ..NO_BYTES
        }
    ),
    // Each sums three compressed blocks, the first has none before it.
    case!(BlockScores { b: 2, s: 3, m: 7, n: 2, p: 2, j: 3 }, Figures { vector: b * s * n * (2 + 3 + 3), ..NO_BYTES }),
    // Tokens 5, 6 and 7 choose of one block, 8 and 9 of two.
    case!(
        ChooseBlocks { b: 2, s: 5, t: 9, e: 4, n: 2, w: 2 },
        Figures { vector: b * n * (1 + 1 + 1 + 2 + 2), ..NO_BYTES }
    ),
    // Tokens 7 and 8 see all of their two blocks, 9 and 10 one or two of their own and four of another.
    case!(
        ChosenAttention { b: 2, s: 4, t: 10, w: 2, e: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * (7 + 8 + 5 + 6) * k,
            vector: (1 + 3) * b * n * g * (7 + 8 + 5 + 6),
            kept: Some((2 * 2 * b * t * n * k, 0)),
            ..NO_BYTES
        }
    ),
    case!(
        ChosenAttention { b: 2, s: 1, t: 10, w: 2, e: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * 6 * k,
            vector: (1 + 3) * b * n * g * 6,
            kept: Some((2 * 2 * b * 6 * n * k, 0)),
            ..NO_BYTES
        }
    ),
    case!(
        RecentAttention { b: 2, s: 3, t: 8, v: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * (3 * v) * k,
            vector: (1 + 3) * b * n * g * (3 * v),
            kept: Some((2 * 2 * b * 6 * n * k, 0)),
            ..NO_BYTES
        }
    ),
    case!(NativeSparseAttention { b: 2, s: 9, t: 9, d: 6, n: 2, g: 3, k: 4, a: 2, u: 3, r: 5, p: 2, w: 2, v: 3 }, {
        // As above: tokens 4 to 9 see 1, 1, 2, 2, 3 and 3 compressed blocks.
        let compressed = 2 * (1 + 2 + 3);
        // Blocks of 4 end with tokens 4 and 8; of each two compressed ones that overlap it are there.
        let (scored, choices) = (s * (2 + 2), 4 + 2 * 2);
        // All up to the 8th, which two blocks hold; the 9th begins a block and sees one before it.
        let chosen = 8 * 9 / 2 + (1 + 4);
        // The first two see one and two, the others three.
        let recent = 1 + 2 + 7 * v;
        nsa([b, s, d, n, g, k, u, r], compressed, scored, choices, chosen, recent, [8, 3, t, t])
    }),
    // A step that ends a compressed block, the fourth, with tokens 7 to 10: 2 and 3 of them overlap the two that can be
    // chosen, of which the query sees one and 2 tokens of its own block.
    case!(
        NativeSparseAttention { b: 2, s: 1, t: 10, d: 6, n: 2, g: 3, k: 4, a: 2, u: 1, r: 5, p: 2, w: 2, v: 3 },
        nsa([b, s, d, n, g, k, u, r], 4, 2 + 3, 2, 4 + 2, v, [4, 4, 4 + 2, v])
    ),
    case!(
        BlockMeans { b: 2, t: 9, u: 2, l: 3, n: 2, k: 4 },
        Figures { vector: b * u * l * n * k, kept: Some((2 * b * u * l * n * k, 0)), ..NO_BYTES }
    ),
    // Two blocks, of which tokens 5, 6 and 7 see one.
    case!(
        BlockGate { b: 2, s: 5, t: 9, l: 4, n: 2, g: 3, k: 4, w: 2 },
        Figures {
            matmul: 2 * b * n * g * (1 + 1 + 1 + 2 + 2) * k,
            vector: b * n * g * (1 + 1 + 1 + 2 + 2),
            kept: Some((2 * b * 2 * n * k, 0)),
            ..NO_BYTES
        }
    ),
    // As chosen by all queries of a group: 4 tokens of another block, and so many of their own.
    case!(
        BlockAttention { b: 2, s: 4, t: 10, w: 2, l: 4, n: 2, g: 3, k: 4 },
        Figures {
            matmul: 2 * 2 * b * n * g * (4 * 4 + 3 + 4 + 1 + 2) * k,
            vector: (1 + 3) * b * n * g * (4 * 4 + 3 + 4 + 1 + 2),
            kept: Some((2 * 2 * b * t * n * k, 0)),
            ..NO_BYTES
        }
    ),
    // Tokens 4 to 7 choose of one block, 8 and 9 of two; of two blocks each, they see the same as above.
    case!(
        MixtureOfBlockAttention { b: 2, s: 9, t: 9, d: 6, n: 2, g: 3, k: 4, l: 4, u: 2, w: 2 },
        moba([b, s, d, n, g, k, u, l], 4 + 2 * 2, 8 * 9 / 2 + (1 + 4), [2, t])
    ),
    // A step that ends the third block: its mean is one of three, and the query sees two blocks.
    case!(
        MixtureOfBlockAttention { b: 2, s: 1, t: 12, d: 6, n: 2, g: 3, k: 4, l: 4, u: 1, w: 2 },
        moba([b, s, d, n, g, k, u, l], 3, 4 + 4, [3, 4 + 4])
    ),
];

/// Native sparse attention from the pairs that its parts work on, and the rows of caches that compression and the three
/// branches read. Compressed blocks have 4 tokens.
const fn nsa(
    [b, s, d, n, g, k, u, r]: [u128; 8],
    compressed: u128,
    scored: u128,
    choices: u128,
    chosen: u128,
    recent: u128,
    read: [u128; 4],
) -> Figures {
    let projections = 2 * d * n * g * k + 6 * d * n * k + 3 * d * n * g;
    let network = 4 * k * r + r * k;
    let params = projections + 2 * (4 * k + network);
    Figures {
        matmul: 2 * b * s * projections
            + 2 * 2 * b * u * n * network
            + 2 * 2 * b * n * g * k * (compressed + chosen + recent),
        // Rotated queries and two of three keys; places and GELU of keys and values; scale, softmax and the sum over a group;
        // sums of scores and a look at each; scale and softmax twice; three gates, products with them and two sums.
        vector: 3 * b * s * n * k * (g + 2)
            + 2 * b * u * n * (4 * k + 5 * r)
            + (1 + 3 + 1) * b * n * g * compressed
            + b * n * (scored + choices)
            + (1 + 3) * b * n * g * (chosen + recent)
            + b * s * n * g * (3 * 4 + (3 + 2) * k),
        params,
        weights: Some(2 * params),
        // Of keys and values; new rows of three tokens' caches, and of compressed ones.
        kept: Some((2 * 2 * b * n * k * (read[0] + read[1] + read[2] + read[3]), 2 * 2 * b * n * k * (3 * s + u))),
    }
}

/// Mixture of block attention from the pairs of its gate and its attention, and the means and keys that they read.
const fn moba([b, s, d, n, g, k, u, l]: [u128; 8], gated: u128, attended: u128, [means, keys]: [u128; 2]) -> Figures {
    let params = 2 * d * n * g * k + 2 * d * n * k;
    Figures {
        matmul: 2 * b * s * params + 2 * b * n * g * k * (gated + 2 * attended),
        // Rotations, means of new blocks, a look at each score, scale and softmax.
        vector: 3 * b * s * n * k * (g + 1) + b * u * l * n * k + b * n * g * gated + (1 + 3) * b * n * g * attended,
        params,
        weights: Some(2 * params),
        kept: Some((2 * b * n * k * (u * l + means + 2 * keys), 2 * b * n * k * (2 * s + u))),
    }
}
