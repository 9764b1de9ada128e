import ts from "typescript";
import type { SourceFile } from "./workspace.ts";

/** The module specifiers that a file imports, exports from, requires or imports dynamically. */
export function importsOf(file: SourceFile): string[] {
  return ts.preProcessFile(file.text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The text of every string literal in a file; comments do not count. */
export function stringsOf(file: SourceFile): string[] {
  const found: string[] = [];
  visit(file, (node) => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    // `{ ERR_XDP_STATE: … }` names a code just as well.
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) found.push(node.name.text);
  });
  return found;
}

/** Tells whether a file can load a native addon: by `dlopen` or by a `require` of its own. */
export function loadsNativeCode(file: SourceFile): boolean {
  let loads = false;
  visit(file, (node) => {
    if (ts.isIdentifier(node) && (node.text === "dlopen" || node.text === "createRequire")) {
      loads = true;
    }
  });
  return loads;
}

/** The constructs in a file that this house does without: default exports and enums. */
export function bannedSyntaxOf(file: SourceFile): string[] {
  const found: string[] = [];
  visit(file, (node) => {
    if (ts.isEnumDeclaration(node)) found.push("an enum");
    if (ts.isExportAssignment(node)) found.push("a default export");
    if (node.kind === ts.SyntaxKind.DefaultKeyword && ts.canHaveModifiers(node.parent)) {
      found.push("a default export");
    }
    if (ts.isExportSpecifier(node) && node.name.text === "default") found.push("a default export");
  });
  return found;
}

function visit(file: SourceFile, each: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    each(node);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true));
}
