//! The scheduler: which sequences do what in which step.

use super::requests::{MOST_EXPLAINED, MOST_REQUESTS, Request};
use crate::decode::cost::Cost;
use crate::decode::step::Part;
use crate::decode::task::{at_least_one, at_most};
use crate::error::Error;
use crate::model::Phase;

/// How slots are filled and steps put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A batch is taken when the one before is finished as a whole. A slot whose sequence has ended stays empty till then.
    Static,
    /// A slot is filled again in the step after its sequence has ended; new prompts are read as a whole beside the tokens
    /// of the others (iteration-level scheduling: Orca, OSDI 2022).
    Continuous,
    /// As continuous, with at most `budget` tokens a step: one for each sequence that is being answered, the rest for chunks
    /// of prompts (Sarathi-Serve, arXiv:2403.02310).
    Chunked {
        /// Tokens a step.
        budget: u64,
    },
}

impl Policy {
    /// `static`, `continuous` or `chunked`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Continuous => "continuous",
            Self::Chunked { .. } => "chunked",
        }
    }
}

/// What a slot does in a step; requests by their place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A part of a prompt that isn't its last: no token comes of it.
    Chunk(usize),
    /// A token.
    Token(usize),
    /// The last token.
    End(usize),
}

/// A step that was taken.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'s> {
    /// How many steps were taken before.
    pub number: u64,
    /// When it began, in seconds.
    pub start_s: f64,
    /// What it consisted of.
    pub mix: &'s [Part],
    /// What each slot did.
    pub cells: &'s [Cell],
}

/// A request that was answered; times in seconds after the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// When its first step began.
    pub start_s: f64,
    /// When its first token was there.
    pub first_s: f64,
    /// When its last token was there.
    pub end_s: f64,
    /// Tokens that it was given.
    pub tokens: u64,
    /// Tokens of its prompt that were read.
    pub prompt: u64,
}

/// What became of the requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Steps taken.
    pub steps: u64,
    /// In how many of them a slot had something to do, slots added up.
    pub busy: u64,
    /// The cost of all steps.
    pub cost: Cost,
    /// By request, in the order of the list.
    pub served: Vec<Served>,
    /// The lengths of the sequences in the caches when they took most.
    pub fullest: Vec<u64>,
}

/// A sequence in a slot.
#[derive(Clone, Copy)]
struct Running {
    request: usize,
    /// Tokens of the prompt and the answer that are in the cache.
    past: u64,
    /// Tokens of the answer that are there.
    tokens: u64,
}

/// Serves requests in so many slots, first come, first served. `price` says what a step costs and how long it takes;
/// `observe` sees each step.
pub fn schedule(
    requests: &[Request],
    slots: u64,
    policy: Policy,
    price: &mut dyn FnMut(&[Part]) -> Result<Cost, Error>,
    observe: &mut dyn FnMut(&Taken<'_>),
) -> Result<Schedule, Error> {
    at_least_one("slots", slots)?;
    at_least_one("requests", requests.len() as u64)?;
    at_most("requests", requests.len() as u64, MOST_REQUESTS, MOST_EXPLAINED)?;
    let (answers, chunks) = work(requests, policy);
    at_most("output", answers, MOST_TOKENS, "tokens of all answers")?;
    at_most("prompt / budget", chunks, MOST_CHUNKS, "chunks of prompts, each of which is a step")?;
    if let Policy::Chunked { budget } = policy
        && budget < slots
    {
        let expected = format!("at least {slots}: each of so many slots may take a token of a step");
        return Err(Error::field("budget", budget, &expected));
    }
    // More slots than requests stay empty.
    let slots = usize::try_from(slots).unwrap_or(usize::MAX).min(requests.len());
    let mut queue: Vec<usize> = (0..requests.len()).collect();
    queue.sort_by(|a, b| requests[*a].arrival_s.total_cmp(&requests[*b].arrival_s));
    let mut queue = queue.into_iter().peekable();
    let mut running: Vec<Option<Running>> = vec![None; slots];
    // Slots in the order in which their sequences came, so that the oldest prompt is read first.
    let mut order: Vec<usize> = Vec::with_capacity(slots);
    let (mut mix, mut cells) = (Vec::with_capacity(slots), vec![Cell::Empty; slots]);
    let mut now = 0.0;
    let nobody = Served { start_s: 0.0, first_s: 0.0, end_s: 0.0, tokens: 0, prompt: 0 };
    let served = vec![nobody; requests.len()];
    let mut done = Schedule { steps: 0, busy: 0, cost: Cost::ZERO, served, fullest: Vec::new() };
    let mut most = 0;
    while queue.peek().is_some() || !order.is_empty() {
        if order.is_empty()
            && let Some(next) = queue.peek()
        {
            now = requests[*next].arrival_s.max(now);
        }
        if policy != Policy::Static || order.is_empty() {
            for (slot, place) in running.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
                let Some(request) = queue.next_if(|next| requests[*next].arrival_s <= now) else { break };
                *place = Some(Running { request, past: 0, tokens: 0 });
                order.push(slot);
                done.served[request].start_s = now;
            }
        }
        take(requests, policy, &running, &order, &mut mix, &mut cells);
        let cost = price(&mix)?;
        observe(&Taken { number: done.steps, start_s: now, mix: &mix, cells: &cells });
        now += cost.seconds();
        done.cost.add(&cost)?;
        done.steps += 1;
        // What each slot was given is in the order of the slots' sequences.
        let mut parts = mix.iter();
        let mut cached = 0;
        for slot in &order {
            let Some(it) = running[*slot].as_mut() else { continue };
            if cells[*slot] != Cell::Empty
                && let Some(part) = parts.next()
            {
                done.busy += 1;
                it.past += part.new;
                advance(it, cells[*slot], part.new, now, &requests[it.request], &mut done.served[it.request]);
            }
            cached += it.past;
        }
        if cached > most {
            most = cached;
            done.fullest = order.iter().filter_map(|slot| running[*slot]).map(|it| it.past).collect();
        }
        order.retain(|slot| {
            let ended = matches!(cells[*slot], Cell::End(_));
            if ended {
                running[*slot] = None;
            }
            !ended
        });
    }
    Ok(done)
}

/// Most tokens of answers that a schedule goes through: a few minutes' worth where many slots share steps.
const MOST_TOKENS: u64 = 1 << 28;
/// Most chunks of prompts: some ten seconds' worth.
const MOST_CHUNKS: u64 = 1 << 22;

/// How many tokens of answers and chunks of prompts there are.
fn work(requests: &[Request], policy: Policy) -> (u64, u64) {
    let chunks = |prompt: u64| match policy {
        Policy::Chunked { budget } => prompt / budget.max(1),
        Policy::Static | Policy::Continuous => 0,
    };
    requests.iter().fold((0, 0), |(answers, all): (u64, u64), it| {
        (answers.saturating_add(it.output), all.saturating_add(chunks(it.prompt)))
    })
}

/// Puts a step together.
fn take(
    requests: &[Request],
    policy: Policy,
    running: &[Option<Running>],
    order: &[usize],
    mix: &mut Vec<Part>,
    cells: &mut [Cell],
) {
    mix.clear();
    cells.fill(Cell::Empty);
    let sequences = || order.iter().filter_map(|slot| Some((*slot, running[*slot]?)));
    let mut left = match policy {
        Policy::Static | Policy::Continuous => u64::MAX,
        // Answers go on whatever prompts are waiting.
        Policy::Chunked { budget } => budget - sequences().filter(|(_, it)| it.tokens > 0).count() as u64,
    };
    for (slot, it) in sequences() {
        let Request { prompt, output, .. } = requests[it.request];
        let new = if it.tokens > 0 { 1 } else { (prompt - it.past).min(left) };
        if new == 0 {
            continue;
        }
        let unread = it.tokens == 0;
        if unread {
            left -= new;
        }
        let outputs = u64::from(!unread || it.past + new == prompt);
        cells[slot] = match (outputs, it.tokens + outputs == output) {
            (0, _) => Cell::Chunk(it.request),
            (_, false) => Cell::Token(it.request),
            (_, true) => Cell::End(it.request),
        };
        let phase = if unread { Phase::Prefill } else { Phase::Decode };
        mix.push(Part { phase, new, past: it.past, outputs, sequences: 1 });
    }
}

/// Notes what a step brought a sequence.
fn advance(it: &mut Running, cell: Cell, new: u64, now: f64, request: &Request, served: &mut Served) {
    if it.tokens == 0 {
        served.prompt += new;
    }
    if matches!(cell, Cell::Chunk(_)) {
        return;
    }
    it.tokens += 1;
    served.tokens += 1;
    if it.tokens == 1 {
        served.first_s = now;
    }
    if it.tokens == request.output {
        served.end_s = now;
    }
}

/// What makes every step cost nothing and take a second, to look at a schedule by itself.
pub fn unit_steps(_: &[Part]) -> Result<Cost, Error> {
    let mut cost = Cost::ZERO;
    cost.time.lower_bound_s = 1.0;
    Ok(cost)
}
