"""What a reader's clipboard and mouse do to a page, as scripts: Chromium lets no program paste or drop otherwise."""

PASTE = """([plain, html]) => {
    const data = new DataTransfer();
    data.setData("text/plain", plain);
    if (html) data.setData("text/html", html);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    const field = document.getElementById("text");
    if (field.dispatchEvent(event)) field.value = plain;
}"""

DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.getElementById("give").dispatchEvent(event);
}"""
