import { plain } from './names.js';

/**
 * Words that other systems' files use for the same thing; the first is the usual field key. Field keys and headers are
 * compared after `plain`. Salesforce, HubSpot, Outlook and Google headers, and Chinese ones.
 */
const GROUPS: readonly (readonly string[])[] = [
  [
    'company',
    'account',
    'accountname',
    'companyname',
    'organization',
    'organisation',
    'employer',
    '公司',
    '客户',
    '单位',
    '企业',
  ],
  ['contact', 'contactname', 'person', '联系人'],
  ['parent', 'parentaccount', 'parentcompany', '上级', '母公司'],
  ['name', 'fullname', 'displayname', 'accountname', 'companyname', '名称', '姓名', '全名'],
  ['firstname', 'givenname', 'forename', '名'],
  ['lastname', 'surname', 'familyname', '姓'],
  ['salutation', 'prefix', 'honorific', '称谓'],
  ['jobtitle', 'title', 'position', 'role', 'designation', 'jobfunction', '职位', '职务'],
  ['department', 'dept', 'division', '部门'],
  ['phone', 'telephone', 'tel', 'phonenumber', 'businessphone', 'workphone', 'mainphone', '电话', '座机'],
  ['mobile', 'mobilephone', 'cell', 'cellphone', 'mobilenumber', '手机', '移动电话'],
  ['homephone', 'privatephone', '家庭电话'],
  ['otherphone', 'phone2', 'secondaryphone'],
  ['fax', 'faxnumber', '传真'],
  ['email', 'mail', 'emailaddress', 'email1', 'workemail', '邮箱', '电子邮件', '邮件'],
  ['website', 'web', 'url', 'homepage', 'websiteurl', 'site', '网站', '网址'],
  ['industry', 'sector', '行业'],
  ['revenue', 'annualrevenue', 'turnover', '年收入', '营业额'],
  ['employees', 'numberofemployees', 'employeecount', 'staff', 'headcount', 'companysize', '员工人数', '员工数'],
  ['billingaddress', 'invoiceaddress', '账单地址'],
  ['shippingaddress', 'deliveryaddress', '收货地址'],
  ['address', 'mailingaddress', 'postaladdress', 'billingaddress', 'homeaddress', 'workaddress', '地址', '通讯地址'],
  ['otheraddress', 'secondaddress'],
  ['birthdate', 'birthday', 'dateofbirth', 'dob', '生日', '出生日期'],
  ['description', 'notes', 'note', 'about', 'comments', 'comment', 'body', '描述', '备注', '说明'],
  ['source', 'leadsource', 'accountsource', 'originalsource', '来源'],
  ['reportsto', 'manager', 'supervisor', '上级联系人'],
  ['emailoptout', 'hasoptedoutofemail', 'optout', 'unsubscribed', 'noemail', '退订'],
  ['donotcall', 'nocalls', '勿电'],
  ['subject', 'title', 'summary', '主题'],
  ['duedate', 'activitydate', 'due', 'dueon', 'duedateonly', 'deadline', '截止日期', '到期日'],
  ['status', 'state', 'stage', '状态'],
  ['priority', 'importance', '优先级'],
  ['type', 'tasksubtype', 'activitytype', 'kind', 'category', 'classification', '类型'],
  ['duration', 'calldurationinseconds', 'durationinminutes', '时长'],
  ['who', 'nameid', 'contactlead'],
  ['regarding', 'what', 'relatedto', '相关'],
  ['tags', 'labels', 'keywords', '标签'],
  ['ownerid', 'owner', 'assignedto', 'accountowner', 'contactowner', 'recordowner', '负责人', '所有者'],
  ['externalid', 'recordid', 'legacyid', '外部编号'],
  ['createdat', 'createddate', 'createdon', 'createdate', 'datecreated', '创建时间', '创建日期'],
  ['createdby', 'createdbyid', 'creator', '创建人'],
  ['updatedat', 'lastmodifieddate', 'modifiedon', 'lastmodified', 'updatedon', '修改时间', '更新时间'],
  ['updatedby', 'lastmodifiedbyid', 'lastmodifiedby', 'modifiedby', '修改人'],
];

/** Members of composite values (addresses, places). */
const MEMBERS: readonly (readonly string[])[] = [
  ['street', 'streetaddress', 'address1', 'addressline1', 'line1', '街道', '详细地址'],
  ['city', 'town', 'locality', '城市'],
  ['region', 'state', 'province', 'stateprovince', 'county', '省', '省份', '州'],
  ['postalcode', 'zip', 'zipcode', 'postcode', 'plz', '邮编', '邮政编码'],
  ['country', 'countrycode', 'countryregion', '国家'],
  ['latitude', 'lat', '纬度'],
  ['longitude', 'lng', 'lon', '经度'],
];

/** Everything that means the same as a field key, the nearest first; the key itself leads. */
export function aliases(key: string): string[] {
  return collect(GROUPS, plain(key));
}

/** The same for a member of an address. */
export function memberAliases(member: string): string[] {
  return collect(MEMBERS, plain(member));
}

function collect(groups: readonly (readonly string[])[], word: string): string[] {
  // Groups in which the word leads are about exactly this; groups in which it only occurs come after.
  const leading = groups.filter((group) => group[0] === word);
  const found = leading.length > 0 ? leading : groups.filter((group) => group.includes(word));
  return [...new Set([word, ...found.flat()])];
}
