/*
 * Unfold's screens are driven by Alpine, which compiles its attributes with eval. Our content security policy forbids
 * that, so this reads the expressions instead: literals, names, members, calls, operators, assignments, arrow functions
 * of one argument, and if. Names come from Alpine's own data; of the page's globals only those listed below exist.
 * docs/adr/0005-admin-without-eval.md says why.
 */
"use strict";

(() => {
  const GLOBALS = new Set([
    "getCurrentTab",
    "localStorage",
    "searchCommand",
    "searchDropdown",
    "searchForm",
    "sortRecords",
    "theme",
  ]);
  const LITERALS = { true: true, false: false, null: null, undefined: undefined };
  const TOKEN =
    /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?<name>[A-Za-z_$][\w$]*)|(?<sign>=>|[=!]==?|[<>]=?|&&|\|\||[-{}()[\].,:;?!=+]))/y;
  const BINARY = [
    { "||": (left, right) => left() || right() },
    { "&&": (left, right) => left() && right() },
    {
      "==": (left, right) => left() == right(),
      "!=": (left, right) => left() != right(),
      "===": (left, right) => left() === right(),
      "!==": (left, right) => left() !== right(),
    },
    {
      "<": (left, right) => left() < right(),
      ">": (left, right) => left() > right(),
      "<=": (left, right) => left() <= right(),
      ">=": (left, right) => left() >= right(),
    },
    { "+": (left, right) => left() + right(), "-": (left, right) => left() - right() },
  ];

  function tokens(source) {
    const found = [];
    const end = source.trimEnd().length;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const match = TOKEN.exec(source);
      if (!match) throw new SyntaxError(`Unfold's expression is not understood: ${source}`);
      found.push(match.groups);
    }
    return found;
  }

  /* Every node is a function of the scope; what can be assigned to has `set`, what can be a method's owner `owner`. */
  function parse(source) {
    const rest = tokens(source);
    const sign = () => rest[0]?.sign;
    const take = (wanted) => sign() === wanted && Boolean(rest.shift());
    const word = (wanted) => rest[0]?.name === wanted && Boolean(rest.shift());

    function expect(wanted) {
      if (!take(wanted)) throw new SyntaxError(`${wanted} is missing in ${source}`);
    }

    function list(end, item) {
      const items = [];
      while (!take(end)) {
        items.push(item());
        if (sign() !== end) expect(",");
      }
      return items;
    }

    function statements(ended) {
      const steps = [];
      while (!ended()) {
        steps.push(statement());
        while (take(";"));
      }
      return (scope) => steps.map((step) => step(scope)).at(-1);
    }

    function statement() {
      if (!word("if")) return expression();
      expect("(");
      const test = expression();
      expect(")");
      const then = branch();
      const otherwise = word("else") ? branch() : () => undefined;
      return (scope) => (test(scope) ? then(scope) : otherwise(scope));
    }

    const branch = () => (take("{") ? statements(() => take("}")) : statement());

    function expression() {
      if (rest[0]?.name && rest[1]?.sign === "=>") return arrow();
      const target = choice();
      if (!take("=")) return target;
      const value = expression();
      return (scope) => target.set(scope, value(scope));
    }

    function arrow() {
      const { name } = rest.shift();
      expect("=>");
      const body = expression();
      return (scope) => (value) => body(Alpine.mergeProxies([{ [name]: value }, scope]));
    }

    function choice() {
      const test = binary(0);
      if (!take("?")) return test;
      const then = expression();
      expect(":");
      const otherwise = expression();
      return (scope) => (test(scope) ? then(scope) : otherwise(scope));
    }

    function binary(level) {
      if (level === BINARY.length) return unary();
      let left = binary(level + 1);
      while (Object.hasOwn(BINARY[level], sign() ?? "")) {
        const [first, apply, second] = [left, BINARY[level][rest.shift().sign], binary(level + 1)];
        left = (scope) => apply(() => first(scope), () => second(scope));
      }
      return left;
    }

    function unary() {
      if (!take("!")) return postfix(primary());
      const value = unary();
      return (scope) => !value(scope);
    }

    function postfix(object) {
      if (take(".")) return postfix(property(object, constant(rest.shift().name)));
      if (take("[")) {
        const key = expression();
        expect("]");
        return postfix(property(object, key));
      }
      if (!take("(")) return object;
      const values = list(")", expression);
      return postfix((scope) => {
        // A method of the data is called on the data, as in Alpine's own `with`.
        const owner = object.owner ? object.owner(scope) : scope;
        const called = object.owner ? owner[object.key(scope)] : object(scope);
        return called.apply(owner, values.map((value) => value(scope)));
      });
    }

    function property(owner, key) {
      const node = (scope) => owner(scope)[key(scope)];
      node.set = (scope, value) => (owner(scope)[key(scope)] = value);
      return Object.assign(node, { owner, key });
    }

    function primary() {
      if (take("(")) {
        const inner = expression();
        expect(")");
        return inner;
      }
      if (take("[")) {
        const items = list("]", expression);
        return (scope) => items.map((item) => item(scope));
      }
      if (take("{")) {
        const pairs = list("}", pair);
        return (scope) => Object.fromEntries(pairs.map(([key, value]) => [key, value(scope)]));
      }
      const { number, text, name } = rest.shift() ?? {};
      if (number) return constant(Number(number));
      if (text) return constant(text.slice(1, -1).replace(/\\(.)/g, "$1"));
      if (!name) throw new SyntaxError(`A value is missing in ${source}`);
      return Object.hasOwn(LITERALS, name) ? constant(LITERALS[name]) : variable(name);
    }

    function pair() {
      const { name, text } = rest.shift();
      expect(":");
      return [name ?? text.slice(1, -1), expression()];
    }

    return statements(() => rest.length === 0);
  }

  const constant = (value) => () => value;

  function variable(name) {
    const node = (scope) => {
      if (name in scope) return scope[name];
      if (name === "window") return { location: window.location };
      return GLOBALS.has(name) ? window[name] : undefined;
    };
    node.set = (scope, value) => (scope[name] = value);
    return node;
  }

  const parsed = new Map();

  function compiled(source) {
    if (!parsed.has(source)) parsed.set(source, parse(source));
    return parsed.get(source);
  }

  /* Alpine's contract: for an element and an attribute, a function that hands the value to its first argument. */
  function evaluator(element, expression) {
    const data = [{ $el: element }, ...Alpine.closestDataStack(element)];
    return (receive = () => {}, { scope = {}, params = [] } = {}) => {
      const merged = Alpine.mergeProxies([scope, ...data]);
      let value = typeof expression === "function" ? expression : compiled(expression)(merged);
      if (typeof value === "function") value = value.apply(merged, params);
      receive(value);
    };
  }

  document.addEventListener("alpine:init", () => Alpine.setEvaluator(evaluator));

  // htmx would add a style element for its indicators.
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
})();
