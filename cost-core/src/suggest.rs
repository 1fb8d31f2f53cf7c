//! "Did you mean": the nearest of the known names.

/// The known name that is nearest to a text, if any is near enough to be a likely slip; of several, one that begins alike.
pub fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Every name is one slip away from a name of one letter.
    let limit = if text.len() == 1 { 0 } else { (text.len() / 3).clamp(1, 3) };
    // A text that is longer than any name can be isn't looked at.
    let lower = text.chars().take(LONGEST).collect::<String>().to_lowercase();
    names
        .into_iter()
        .filter(|name| name.len().abs_diff(text.len()) <= 4 * limit && name.len() < LONGEST)
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, name)| (*distance, lower.get(..1) != name.to_lowercase().get(..1)))
        .map(|(_, name)| name)
}

/// The longest text, in bytes, that is compared.
const LONGEST: usize = 256;

/// Damerau–Levenshtein distance with adjacent swaps.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut best = (last[j - 1] + usize::from(!same)).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = core::mem::replace(&mut last, row);
    }
    last[b.len()]
}
