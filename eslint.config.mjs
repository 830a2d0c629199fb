// oxlint checks the scripts; this looks at what only a template-aware linter sees.
import parser from '@typescript-eslint/parser';
import vue from 'eslint-plugin-vue';

export default [
  ...vue.configs['flat/strongly-recommended'],
  {
    files: ['admin-ui/src/**/*.vue'],
    languageOptions: { parserOptions: { parser, ecmaVersion: 'latest', sourceType: 'module' } },
    rules: {
      'max-lines': ['error', { max: 200 }],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      // Prettier's business.
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/require-default-prop': 'off',
    },
  },
  // Shown only after DOMPurify.
  {
    files: ['admin-ui/src/widgets/rich-text/RichTextCell.vue', 'admin-ui/src/studio/TemplatePreview.vue'],
    rules: { 'vue/no-v-html': 'off' },
  },
];
