(() => {
  const table = document.getElementById("kernel-table");
  if (!table) return;
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], rows = [...body.rows];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "descending";
    const up = head.getAttribute("aria-sort") === "ascending";
    // Texts are first sorted from a to z, numbers from the largest down.
    const ascending = down || (!up && head.classList.contains("text"));
    heads.forEach(other => other.setAttribute("aria-sort", other === head ? (ascending ? "ascending" : "descending") : "none"));
    const compare = (a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      return typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0;
    };
    const sorted = [...rows].sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
    body.append(...sorted);
  }));
  const filter = document.getElementById("filter"), said = document.getElementById("filtered");
  filter.closest(".filter").hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    said.textContent = `${count} of ${rows.length} kernels`;
  });
})();
