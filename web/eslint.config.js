import js from '@eslint/js';
import accessibility from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import typescript from 'typescript-eslint';

const CATALOGUE = 'Texts that people read belong into src/i18n/en and the other languages.';
/** Attributes that are read out or shown; examples of numbers and addresses are the same everywhere. */
const READ = '/^(aria-label|aria-description|title|placeholder|alt|label|hint|text|none)$/';
/** Names that are the same in every language. */
const NAMES = 'Ticket Show|Archivo|Instrument|Bearer|Ed25519|CSV|GST';
/** Words of a sentence, and single words where they are shown. Class names and keys have none of these forms. */
const untranslated = [
  { selector: `JSXText[value=/^(?!\\s*(${NAMES})\\s*$).*\\p{L}/su]`, message: CATALOGUE },
  {
    selector: `JSXAttribute[name.name=${READ}] > Literal[value=/^(?!\\d|\\S+@|(${NAMES})).*\\p{L}/u]`,
    message: CATALOGUE,
  },
  {
    selector: `JSXAttribute[name.name=${READ}] > JSXExpressionContainer > TemplateLiteral > TemplateElement[value.raw=/\\p{L}{2}/u]`,
    message: CATALOGUE,
  },
  {
    selector:
      'JSXElement > JSXExpressionContainer :matches(ConditionalExpression, LogicalExpression) > Literal[value=/^\\p{Lu}\\p{Ll}/u]',
    message: CATALOGUE,
  },
  { selector: `Literal[value=/^(?!${NAMES})\\p{Lu}\\p{Ll}*[’\x27]?\\p{Ll}* \\p{L}/u]`, message: CATALOGUE },
  { selector: `TemplateElement[value.raw=/^(?!${NAMES})\\p{Lu}\\p{Ll}+ /u]`, message: CATALOGUE },
];
/** Lists of columns, rooms and choices have texts of one word. Names of keys are only compared, those of time zones have a slash. */
const words = [
  {
    selector: `Property[key.name=/^(name|text|label|title|hint|empty|verb)$/] > Literal[value=/^(?!${NAMES}|[A-Z]+$).*\\p{L}/u]`,
    message: CATALOGUE,
  },
  {
    selector: `:not(BinaryExpression, ImportDeclaration, TSLiteralType, SwitchCase) > Literal[value=/^(?!${NAMES}|\\w+\\/\\w+$)\\p{Lu}\\p{Ll}/u]`,
    message: CATALOGUE,
  },
  ...['', 'ConditionalExpression > ', 'LogicalExpression > '].map((within) => ({
    selector: `JSXElement > JSXExpressionContainer > ${within}TemplateLiteral > TemplateElement[value.raw=/\\p{L}{2}/u]`,
    message: CATALOGUE,
  })),
];
const tooEarly = {
  selector: 'MemberExpression[object.name=/^[tw]$/]:not(:function MemberExpression)',
  message: 'The texts are not loaded yet when a module is: use them inside a function.',
};

export default typescript.config(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...typescript.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}', 'public/**'],
    languageOptions: { globals: globals.browser },
    plugins: { 'react-hooks': hooks, 'jsx-a11y': accessibility },
    rules: {
      ...hooks.configs.recommended.rules,
      ...accessibility.flatConfigs.recommended.rules,
      // No compiler is used here: what is memoised by hand stays as it is written.
      'react-hooks/preserve-manual-memoization': 'off',
      // Lists that are drawn as something else keep their role in Safari by saying it again.
      'jsx-a11y/no-redundant-roles': 'off',
      // Only where it opens what was asked for: a dialog, a page that is one form.
      'jsx-a11y/no-autofocus': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-syntax': ['error', tooEarly],
    },
  },
  {
    files: ['src/**'],
    ignores: ['**/*.test.ts', 'src/i18n/**', 'src/widget/texts.ts'],
    rules: { 'no-restricted-syntax': ['error', tooEarly, ...untranslated] },
  },
  {
    // The pages for people who work for the house.
    files: ['src/door/**', 'src/admin/**'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', tooEarly, ...untranslated, ...words] },
  },
  {
    files: ['scripts/**', '*.config.*', 'stories/**'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
);
