// 复制数字 / 复制句子 / 复制表格: data-copy="the text", data-copy-from="#id" (its text), data-copy-table="#id".
// A table is put on the clipboard both as a table (Word, WPS) and as tab-separated lines (Excel, chat).
// Over plain HTTP browsers withhold the clipboard interface, so the old way by a selection stays.

import { all, build, each, tell } from "./dom.js";

function cellText(cell) {
  return (cell.dataset.copyAs ?? cell.innerText).trim().replace(/\s*\n\s*/g, " ");
}

function rowsOf(table) {
  return [...table.rows]
    .filter((row) => !row.hidden)
    .map((row) => [...row.cells].filter((cell) => !cell.matches(".pick, .menu-cell")));
}

function tableText(table) {
  return rowsOf(table).map((cells) => cells.map(cellText).join("\t")).join("\n");
}

/** The bare table: text only, so that no link, colour or button travels into the officer's document. */
function bareTable(table) {
  const rows = rowsOf(table).map((cells) => build("tr", {}, ...cells.map((cell) => {
    const copy = build(cell.tagName.toLowerCase(), { colSpan: cell.colSpan, rowSpan: cell.rowSpan });
    copy.textContent = cellText(cell);
    return copy;
  })));
  const bare = build("table", {}, build("tbody", {}, ...rows));
  bare.setAttribute("border", "1");
  return bare;
}

function bySelection(element) {
  document.body.append(element);
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  const done = document.execCommand("copy");
  selection.removeAllRanges();
  element.remove();
  return done;
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  return bySelection(build("pre", { textContent: text }));
}

async function copyTable(table) {
  const bare = bareTable(table);
  if (navigator.clipboard && window.isSecureContext && window.ClipboardItem) {
    await navigator.clipboard.write([new window.ClipboardItem({
      "text/html": new Blob([bare.outerHTML], { type: "text/html" }),
      "text/plain": new Blob([tableText(table)], { type: "text/plain" }),
    })]);
    return true;
  }
  return bySelection(bare);
}

function copy(button) {
  const { copy: text, copyFrom, copyTable: tableId } = button.dataset;
  if (tableId) return copyTable(document.querySelector(tableId));
  return copyText(text ?? all(document, copyFrom)[0].innerText.trim());
}

export function setUpCopying(root) {
  each(root, "[data-copy], [data-copy-from], [data-copy-table]", (button) => {
    button.addEventListener("click", async () => {
      const done = await copy(button).catch(() => false);
      tell(done ? "已复制，可粘贴到文档、表格或聊天窗口。" : "未能复制，请选中文字后按 Ctrl+C。");
    });
  });
}
