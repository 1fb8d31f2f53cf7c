//! What is drafted: a tree of tokens, each with the probability that it is accepted.

use std::collections::HashMap;

use crate::decode::table::Table;
use crate::decode::task::probability;
use crate::error::Error;

/// Most nodes that a tree can have, and most of them in a row, each of which is a step of whatever drafts.
const MOST: usize = 1 << 16;
const DEEPEST: usize = 1 << 14;

/// A drafted token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The node before it; nothing for one that follows what is there already.
    pub parent: Option<usize>,
    /// The probability that the model wants this token, if it wants those before it.
    pub acceptance: f64,
}

/// Drafted tokens that are verified together. Of the tokens that could follow the same one, the model wants at most one.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The distance of each from what is there already, from 1 on.
    depths: Vec<usize>,
}

impl Tree {
    /// A tree of these nodes, each of which comes after its parent.
    ///
    /// An error if one has no parent, if a number is no probability, or if those of the tokens that follow the same one
    /// are more than 1 together.
    pub fn new(nodes: Vec<Node>) -> Result<Self, Error> {
        if nodes.len() > MOST {
            return Err(Error::field("nodes", nodes.len(), format!("at most {MOST}")));
        }
        let mut depths = Vec::with_capacity(nodes.len());
        // Of each node's children, and last of those without a parent.
        let mut sums = vec![0.0; nodes.len() + 1];
        for (i, node) in nodes.iter().enumerate() {
            probability(&format!("node {}, acceptance", i + 1), node.acceptance)?;
            let depth = match node.parent {
                None => 0,
                Some(parent) => *depths.get(parent).ok_or_else(|| {
                    let field = format!("node {}, parent", i + 1);
                    Error::field(&field, format!("node {}", parent + 1), "a node before it")
                })?,
            };
            if depth == DEEPEST {
                let found = format!("{} tokens in a row", depth + 1);
                return Err(Error::field(&format!("node {}, parent", i + 1), found, format!("at most {DEEPEST}")));
            }
            depths.push(depth + 1);
            let sum = &mut sums[node.parent.unwrap_or(nodes.len())];
            *sum += node.acceptance;
            if *sum > 1.0 + 1e-9 {
                let siblings = format!("{sum} with those that follow the same token");
                return Err(Error::field(&format!("node {}, acceptance", i + 1), siblings, "at most 1 together"));
            }
        }
        Ok(Self { nodes, depths })
    }

    /// One token after the other, each accepted with the same probability.
    pub fn chain(length: u64, acceptance: f64) -> Result<Self, Error> {
        probability("acceptance", acceptance)?;
        let few = usize::try_from(length).ok().filter(|length| *length <= DEEPEST);
        let length = few.ok_or_else(|| Error::field("gamma", length, format!("at most {DEEPEST} drafted tokens")))?;
        Self::new((0..length).map(|i| Node { parent: i.checked_sub(1), acceptance }).collect())
    }

    /// Every combination of guesses: `guesses[i]` holds the probabilities that the best, second best, … guess at the
    /// token `i` further on is right (Medusa, arXiv:2401.10774).
    pub fn product(guesses: &[Vec<f64>]) -> Result<Self, Error> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut level: Vec<Option<usize>> = vec![None];
        for guesses in guesses {
            let all = level.len().saturating_mul(guesses.len()).saturating_add(nodes.len());
            if all > MOST {
                return Err(Error::field("heads", format!("{all} combinations"), format!("at most {MOST}")));
            }
            let first = nodes.len();
            for parent in level {
                nodes.extend(guesses.iter().map(|acceptance| Node { parent, acceptance: *acceptance }));
            }
            level = (first..nodes.len()).map(Some).collect();
        }
        Self::new(nodes)
    }

    /// Reads a tree from CSV with the columns `node`, `parent` and `acceptance`. Nodes have names; `parent` is that of a
    /// line before, or empty.
    pub fn from_csv(text: &str) -> Result<Self, Error> {
        let table = Table::read(text, &["node", "parent", "acceptance"], &[])?;
        let mut names: HashMap<&str, usize> = HashMap::new();
        let mut nodes = Vec::new();
        for line in table.lines() {
            let (name, parent) = (line.text("node"), line.text("parent"));
            if name.is_empty() || names.contains_key(name) {
                return Err(line.wrong("node", name, "a name that no line before has"));
            }
            let at = names.get(parent).copied();
            if at.is_none() && !parent.is_empty() {
                return Err(line.wrong("parent", parent, "the name of a node in a line before, or nothing"));
            }
            let acceptance =
                line.value("acceptance", "a probability: a number from 0 to 1", |p: &f64| (0.0..=1.0).contains(p))?;
            names.insert(name, nodes.len());
            nodes.push(Node { parent: at, acceptance });
        }
        Self::new(nodes)
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The longest run of tokens.
    pub fn depth(&self) -> usize {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    /// The number of nodes at each distance, from 1 on.
    pub fn widths(&self) -> Vec<u64> {
        let mut widths = vec![0; self.depth()];
        for depth in &self.depths {
            widths[depth - 1] += 1;
        }
        widths
    }

    /// The probability of each number of tokens in a round, from 1 on: the accepted ones, and the one that the model gives
    /// itself after them.
    pub fn distribution(&self) -> Vec<f64> {
        // That at least so many are accepted, from 0 on.
        let mut reached = vec![0.0; self.depth() + 2];
        reached[0] = 1.0;
        let mut paths: Vec<f64> = Vec::with_capacity(self.nodes.len());
        for (node, depth) in self.nodes.iter().zip(&self.depths) {
            let path = node.acceptance * node.parent.map_or(1.0, |parent| paths[parent]);
            paths.push(path);
            reached[*depth] += path;
        }
        reached.windows(2).map(|pair| pair[0] - pair[1]).collect()
    }

    /// The tokens of a round in the mean: 1 and the probability of each node.
    pub fn expected_tokens(&self) -> f64 {
        self.distribution().iter().zip(1..).map(|(share, tokens)| share * f64::from(tokens)).sum()
    }
}
