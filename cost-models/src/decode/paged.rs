//! Caches in blocks (PagedAttention, arXiv:2309.06180) beside caches in one piece: what is reserved, wasted and copied.

use std::collections::HashMap;

use cost_core::cost::Num;
use serde::Serialize;

use super::batching::Request;
use super::memory::{CacheSize, decoding, weight_bits};
use super::step::Deployment;
use super::task::{MOST_STEPS, at_least_one, at_most};
use crate::error::Error;
use crate::fit::{LARGEST, largest as most};
use crate::report::Bytes;

/// How caches of these sequences are kept.
#[derive(Clone, Debug, Serialize)]
pub struct Paged {
    /// Number of sequences.
    pub sequences: u64,
    /// Tokens of a block.
    pub block: u64,
    /// Tokens that all prompts begin with in common.
    pub shared: u64,
    /// What the sequences' tokens take, those in common counted for each.
    pub used: Bytes,
    /// A piece for each sequence, as long as the longest that it could get.
    pub contiguous: Allocation,
    /// A piece for each sequence, allocated anew and copied for each token that is appended.
    pub reallocated: Allocation,
    /// Blocks of tokens, of which the last may be partly empty.
    pub paged: Allocation,
    /// Blocks, those that hold only what all prompts begin with kept once; a block that holds the end of it and more is
    /// copied for each sequence.
    pub shared_prefix: Allocation,
    /// What a sequence wastes in the mean if the last block is equally likely to hold any number of tokens: half a block,
    /// less half a token.
    pub expected_waste: Bytes,
}

/// One way to keep the caches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Allocation {
    /// What is reserved when all sequences have their full length.
    pub reserved: Bytes,
    /// What of it holds no token.
    pub wasted: Bytes,
    /// What has been copied, each byte once read and once written.
    pub copied: Bytes,
    /// The most that one sequence reserves at a time; a piece that grows is there twice while it is copied.
    pub largest: Bytes,
    /// How many sequences that reserve as much as these in the mean fit the device beside the parameters and the activations
    /// of a step that decodes a token of each; nothing if its memory isn't known.
    pub sequences_that_fit: Option<u64>,
}

/// What is copied for each request if its piece is as long as its tokens each time that one is appended. Numbers of tokens
/// are gone through once for all requests.
fn copied(requests: &[Request], held: &dyn Fn(u64) -> Result<u128, Error>) -> Result<Vec<u128>, Error> {
    let spans = requests.iter().map(|it| it.prompt..it.prompt + it.output - 1);
    let mut edges: Vec<(u64, i8)> = spans.clone().flat_map(|span| [(span.start, 1), (span.end, -1)]).collect();
    edges.sort_unstable();
    let (mut sums, mut sum, mut open): (HashMap<u64, u128>, u128, i64) = (HashMap::new(), 0, 0);
    let mut steps = 0;
    for pair in edges.windows(2) {
        let [(from, change), (to, _)] = pair else { continue };
        open += i64::from(*change);
        sums.insert(*from, sum);
        if open > 0 {
            steps += to - from;
            at_most("output", steps, MOST_STEPS, "different numbers of tokens in a cache")?;
            for tokens in *from..*to {
                sum = sum.plus(&held(tokens)?)?;
            }
        }
    }
    sums.extend(edges.last().map(|(end, _)| (*end, sum)));
    let of = |tokens: u64| sums.get(&tokens).copied().unwrap_or_default();
    Ok(spans.map(|span| of(span.end) - of(span.start)).collect())
}

/// The caches of requests at their full length, in blocks of so many tokens; `longest` is what a sequence could get to, and
/// `shared` the tokens that all prompts begin with.
pub fn paged(
    deployment: &Deployment,
    requests: &[Request],
    block: u64,
    longest: u64,
    shared: u64,
) -> Result<Paged, Error> {
    at_least_one("requests", requests.len() as u64)?;
    at_least_one("block", block)?;
    for request in requests {
        request.check(deployment.model())?;
        if request.prompt + request.output > longest {
            let expected = format!("at most {longest}, the longest that is reserved for");
            return Err(Error::field("prompt + output", request.prompt + request.output, &expected));
        }
        if shared > request.prompt {
            return Err(Error::field("shared", shared, format!("at most {}, the length of a prompt", request.prompt)));
        }
    }
    let size = CacheSize::of(deployment)?;
    let count = requests.len() as u128;
    let head = shared / block * block;
    let prefix = size.at(head)?;
    // States don't grow, and are written where they are.
    let state = size.at(0)?;
    let mut copied = copied(requests, &|tokens| Ok(size.at(tokens)?.saturating_sub(state)))?.into_iter();
    let (mut used, mut blocks, mut own, mut copies, mut grows) = (0_u128, 0_u128, 0_u128, 0_u128, 0_u128);
    let (mut largest, mut growing) = (0, 0);
    for request in requests {
        // The last token of an answer is never read, and not kept.
        let tokens = request.prompt + request.output - 1;
        let kept = size.at(tokens)?;
        let whole_blocks = tokens.checked_next_multiple_of(block).unwrap_or(u64::MAX);
        let in_blocks = size.at(whole_blocks)?.max(kept);
        used = used.plus(&kept)?;
        blocks = blocks.plus(&in_blocks)?;
        own = own.plus(&in_blocks.saturating_sub(prefix))?;
        let before = if tokens > request.prompt { size.at(tokens - 1)? } else { 0 };
        copies = copies.plus(&copied.next().unwrap_or_default())?;
        grows = grows.plus(&size.at(tokens.saturating_add(1))?.saturating_sub(kept))?;
        largest = largest.max(in_blocks);
        growing = growing.max(kept.plus(&before)?);
    }
    let whole = size.at(longest)?;
    let weights = weight_bits(deployment)?;
    let room = deployment.device().memory_bits().map(|memory| memory.saturating_sub(weights));
    // Each sequence decodes a token over what the longest one has by then.
    let past = requests.iter().map(|it| it.prompt + it.output).max().unwrap_or_default().saturating_sub(2);
    let activations = decoding(deployment, past)?;
    let allocation = |reserved: u128, used: u128, copied: u128, largest: u128, once: u128| {
        let each = reserved.saturating_sub(once).div_ceil(count);
        let fits = |room: u128, sequences: u64| -> Result<bool, Error> {
            let caches = each.times(&u128::from(sequences))?.plus(&once)?;
            Ok(caches.plus(&activations(sequences)?)? <= room)
        };
        let fit = |room| most(LARGEST, &|sequences| fits(room, sequences));
        Ok::<_, Error>(Allocation {
            reserved: Bytes::of_bits(reserved),
            wasted: Bytes::of_bits(reserved.saturating_sub(used)),
            copied: Bytes::of_bits(copied),
            largest: Bytes::of_bits(largest),
            sequences_that_fit: room.map(fit).transpose()?,
        })
    };
    let kept_once = used.saturating_sub(prefix.times(&(count - 1))?);
    let tail = size.at(shared)?.saturating_sub(prefix).times(&count)?;
    Ok(Paged {
        sequences: requests.len() as u64,
        block,
        shared,
        used: Bytes::of_bits(used),
        contiguous: allocation(whole.times(&count)?, used, 0, whole, 0)?,
        reallocated: allocation(used, used, copies, growing, 0)?,
        paged: allocation(blocks, used, 0, largest, 0)?,
        shared_prefix: allocation(own.plus(&prefix)?, kept_once, tail, largest, prefix)?,
        expected_waste: Bytes::of_bits(u128::from(block - 1).times(&grows)? / (2 * count)),
    })
}
