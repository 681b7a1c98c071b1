import js from '@eslint/js';
import accessibility from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import typescript from 'typescript-eslint';

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
    },
  },
  {
    files: ['scripts/**', '*.config.*', 'stories/**'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
);
