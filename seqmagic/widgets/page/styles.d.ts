// What `import SHEET from "./styles/sheet.css" with { type: "text" }` gives.
declare module "*.css" {
  const text: string;
  export default text;
}
