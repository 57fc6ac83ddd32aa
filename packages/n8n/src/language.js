/** The language of forms and errors: that which n8n itself is told to speak. It has no Chinese of its own. */
export const language = /^zh\b/i.test(process.env.N8N_DEFAULT_LOCALE ?? '') ? 'zh' : 'en';
