import type { ImportProblem } from './types.js';

/**
 * Why a row was refused, for the file of refused rows: `Column: what is wrong (value)`, in the reader's language. What is not
 * known here is told in the words of who refused it, which are English.
 */
export function reasonIn(problem: ImportProblem, place: string, locale: string): string {
  const known = Object.hasOwn(words, problem.code) ? words[problem.code] : undefined;
  const isChinese = locale === 'zh' || locale.startsWith('zh-');
  const text = known === undefined ? sentence(problem.message, place) : known[isChinese ? 1 : 0];
  const value = known === undefined ? undefined : problem.params?.value;
  const whole = value === undefined ? text : isChinese ? `${text}（${value}）` : `${text} (${value})`;
  return place === '' ? whole : isChinese ? `${place}：${whole}` : `${place}: ${whole}`;
}

/** A message that begins with the name of its field does not say it twice. */
function sentence(message: string, place: string): string {
  return place !== '' && message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message;
}

/** Code → English, Chinese; the refusals that files meet most. */
const words: Readonly<Record<string, readonly [english: string, chinese: string]>> = {
  'access.denied': ['you may not write this', '您无权写入'],
  'field.boolean': ['neither yes nor no', '既不是“是”也不是“否”'],
  'field.choice': ['not one of the options', '不是可选项之一'],
  'field.country': ['not a country', '不是国家或地区'],
  'field.currency': ['not a currency', '不是货币代码'],
  'field.unknown_currency': ['no such currency', '没有这种货币'],
  'field.date': ['not a date', '不是日期'],
  'field.date_time': ['not a date and time', '不是日期时间'],
  'field.duration': ['not a length of time', '不是时长'],
  'field.email': ['not an e-mail address', '不是邮箱地址'],
  'field.lines_cell': ['is imported as records of its own', '请作为单独的记录导入'],
  'field.not_a_number': ['not a number', '不是数字'],
  'field.number': ['not a number', '不是数字'],
  'field.read_only': ['cannot be changed', '不可更改'],
  'field.required': ['must be given', '必须填写'],
  'field.too_large': ['too large', '过大'],
  'field.too_long': ['too long', '过长'],
  'field.too_many_decimals': ['too many decimals', '小数位数过多'],
  'field.too_many_digits': ['too many digits', '位数过多'],
  'field.too_short': ['too short', '过短'],
  'field.too_small': ['too small', '过小'],
  'field.unique': ['another record has this value', '已有其他记录使用此值'],
  'field.url': ['not a web address', '不是网址'],
  'link.ambiguous': ['several records fit', '有多条记录符合'],
  'link.not_found': ['the linked record was not found', '未找到关联的记录'],
  'link.unresolved': ['the linked record was not found', '未找到关联的记录'],
  'phone.invalid': ['not a phone number', '不是电话号码'],
  'record.deleted': ['the record is in the recycle bin', '记录在回收站中'],
  'record.duplicate': ['another record has these values', '已有其他记录使用这些值'],
  'record.exists': ['the record is there already', '已存在此记录'],
  'record.not_found': ['no such record', '没有这样的记录'],
  'record.required': ['must be given here', '在此情况下必须填写'],
  'row.ragged': ['the row has another number of cells than the header', '单元格数与表头不同'],
};
