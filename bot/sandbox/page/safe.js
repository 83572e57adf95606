// Markup from a message, rebuilt from nothing but the tags listed here: the second lock behind the server's own.

const ALLOWED = new Set([
  "A", "B", "STRONG", "I", "EM", "U", "INS", "S", "DEL", "STRIKE", "CODE", "PRE", "BLOCKQUOTE", "BR", "HR", "P", "SPAN",
  "UL", "OL", "LI", "H1", "H2", "H3", "H4", "H5", "H6", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD",
]);
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "OBJECT", "EMBED", "SVG", "MATH", "TEXTAREA", "TITLE"]);
const CLASSES = /^(spoiler|mention|info|comment|warning|quote|expandable)$/;
// The three colours of WeCom's markdown; a style attribute itself is never taken over.
const COLOURS = { "color:#3f9d4a": "info", "color:#8a8a8a": "comment", "color:#d9822b": "warning" };

export function safe(html) {
  const clean = document.createDocumentFragment();
  copy(parse(html), clean);
  return clean;
}

// The plain words of a message, in one line.
export function words(html) {
  return parse((html || "").replaceAll("<br>", " ")).textContent;
}

// The browser would complain of each style attribute, though none is ever applied: they are renamed inside the tags.
function parse(html) {
  const still = html.replace(/<[^>]*>/g, (tag) => tag.replace(/(\s)style(\s*=)/gi, "$1data-style$2"));
  return new DOMParser().parseFromString(still, "text/html").body;
}

function copy(from, into) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.nodeName.toUpperCase())) continue;
    if (!ALLOWED.has(node.nodeName)) {
      copy(node, into);
      continue;
    }
    const fresh = document.createElement(node.nodeName);
    if (node.nodeName === "A") link(node, fresh);
    const named = node.className.replace("tg-", "") || COLOURS[node.dataset.style] || "";
    if (CLASSES.test(named)) fresh.className = named;
    if (fresh.className === "spoiler") cover(fresh);
    copy(node, fresh);
    into.append(fresh);
  }
}

function link(node, fresh) {
  const href = node.getAttribute("href") || "";
  if (!/^https?:\/\//i.test(href)) return;
  fresh.href = href;
  fresh.target = "_blank";
  fresh.rel = "noopener noreferrer";
}

function cover(spoiler) {
  spoiler.tabIndex = 0;
  spoiler.setAttribute("role", "button");
  spoiler.setAttribute("aria-label", "遮住的字，点开看");
  const open = () => {
    spoiler.classList.add("open");
    spoiler.removeAttribute("aria-label");
  };
  spoiler.addEventListener("click", open);
  spoiler.addEventListener("keydown", (event) => event.key === "Enter" && open());
}
