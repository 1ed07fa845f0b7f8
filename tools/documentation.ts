import path from "node:path";
import ts from "typescript";

/** What the package's entry point exports, as a user's editor shows it. */
export interface Documentation {
  /**
   * The JSDoc of an exported name, or of a property below it: `["VmcOrderArgs", "organization", "id"]`. It is looked up
   * in the inferred types, so it is there exactly when an editor shows it.
   */
  describe(path: readonly string[]): string | undefined;
  /** The code of the `@example` of an exported class. */
  example(name: string): string | undefined;
  /** Properties that an exported interface or class declares itself, in order. */
  members(name: string): Member[];
}

export interface Member {
  name: string;
  /** As declared; an alias of literals is spelled out. */
  type: string;
  optional: boolean;
  description: string | undefined;
}

/** Reads the sources below `root`. Takes seconds: the SDKs' types are part of the program. */
export function readDocumentation(root: string): Documentation {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    root,
  );
  const entry = path.join(root, "provider", "index.ts");
  const program = ts.createProgram([entry], {
    ...options,
    noEmit: true,
    incremental: false,
    tsBuildInfoFile: undefined,
  });
  const checker = program.getTypeChecker();
  const sources = path.join(root, "provider") + path.sep;
  const exported = new Map(
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
      .map((symbol) => [symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol]),
  );

  return {
    describe([name, ...properties]) {
      const symbol = properties.reduce<ts.Symbol | undefined>(
        (parent, property) => parent && propertyOf(parent, property),
        symbolOf(name!),
      );
      return symbol && textOf(symbol);
    },
    example(name) {
      const tag = symbolOf(name)
        .getJsDocTags(checker)
        .find((tag) => tag.name === "example");
      return tag && /```typescript\n([\s\S]*?)\n```/.exec(ts.displayPartsToString(tag.text))?.[1];
    },
    members(name) {
      return (symbolOf(name).declarations ?? [])
        .flatMap((declaration) =>
          ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration) ? [...declaration.members] : [],
        )
        .filter((member) => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member))
        .map((member) => ({
          name: member.name.getText(),
          type: typeText(member.type!),
          optional: member.questionToken !== undefined,
          description: textOf(checker.getSymbolAtLocation(member.name)!),
        }));
    },
  };

  function symbolOf(name: string): ts.Symbol {
    const symbol = exported.get(name);
    if (!symbol) throw new Error(`provider/index.ts does not export ${name}.`);
    return symbol;
  }

  function textOf(symbol: ts.Symbol): string | undefined {
    return ts.displayPartsToString(symbol.getDocumentationComment(checker)) || undefined;
  }

  function propertyOf(parent: ts.Symbol, name: string): ts.Symbol | undefined {
    const isType = parent.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias);
    const candidates = isType ? [checker.getDeclaredTypeOfSymbol(parent)] : objects(checker.getTypeOfSymbol(parent));
    return candidates
      .flatMap((type) => checker.getPropertyOfType(type, name) ?? [])
      .find((symbol) =>
        symbol.declarations?.some((declaration) =>
          path.resolve(declaration.getSourceFile().fileName).startsWith(sources),
        ),
      );
  }

  /** The plain objects in what a property may hold: not its Outputs and promises, and no resource. */
  function objects(type: ts.Type): ts.Type[] {
    if (type.aliasSymbol?.name === "Output") return objects(type.aliasTypeArguments![0]!);
    if (type.isUnion()) return type.types.flatMap(objects);
    if (checker.isArrayType(type)) return checker.getTypeArguments(type as ts.TypeReference).flatMap(objects);
    return type.isClass() || !(type.flags & ts.TypeFlags.Object) ? [] : [type];
  }

  function typeText(node: ts.TypeNode): string {
    const type = checker.getTypeFromTypeNode(node);
    const members = type.isUnion() ? type.types : [];
    const literals = members.flatMap((member) => (member.isStringLiteral() ? JSON.stringify(member.value) : []));
    // The compiler's own order depends on what else it has read.
    return literals.length > 0 && literals.length === members.length ? literals.sort().join(" | ") : node.getText();
  }
}
