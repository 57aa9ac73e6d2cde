/* Photos are shrunk before they leave the phone, which spares the sender's data and waiting; the
   server checks, shrinks and cleans them all the same. Without this the form sends them as they are. */
const EDGE = 1600;
const SMALL_ENOUGH = 600 * 1024;

const input = document.querySelector("input[type=file][name=photos]");
const preview = document.querySelector("[data-photos-preview]");

async function shrink(file) {
  if (file.size <= SMALL_ENOUGH || !file.type.startsWith("image/")) return file;
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, EDGE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise((made) => canvas.toBlob(made, "image/jpeg", 0.88));
  return blob && blob.size < file.size ? new File([blob], file.name, { type: "image/jpeg" }) : file;
}

function show(files) {
  const list = preview.querySelector("ul");
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren();
  for (const file of files) {
    const image = new Image();
    image.alt = `${preview.dataset.photo}: ${file.name}`;
    image.src = URL.createObjectURL(file);
    const item = document.createElement("li");
    item.className = "photos__one";
    // What the browser can't draw, the server will refuse by name.
    image.addEventListener("error", () => item.remove());
    item.append(image);
    list.append(item);
  }
  preview.hidden = files.length === 0;
}

input?.addEventListener("change", async () => {
  const chosen = [...input.files];
  show(chosen);
  const shrunk = await Promise.all(chosen.map((file) => shrink(file).catch(() => file)));
  const unchanged = chosen.length === input.files.length && chosen.every((f, i) => f === input.files[i]);
  if (!unchanged) return; // others were chosen meanwhile
  const box = new DataTransfer();
  for (const file of shrunk) box.items.add(file);
  input.files = box.files;
});
