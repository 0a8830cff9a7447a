// Every text of the pages, in Chinese. `en.ts` must have the same ones.

import type { Facts, Span } from "./facts";

const provenance = { simulated: "演示数据", replay: "历史数据回放 replay" };

/** “江苏省”说成“江苏”，“吴江区”说成“吴江”；两个字的名称不再省。 */
const short = (name: string) => name.replace(/(?<=..)(?:特别行政区|自治区|新区|省|市|区|县)$/u, "");

/** 数字与汉字之间不留空格。起数是整个一侧的，括号里只是其中事件最多的地方。 */
const side = ({ name, place, members }: Facts["sides"][number]) =>
  `${place ? `${short(name)}（${short(place)}）` : name}一侧${members}起`;

const near = (m: number) => (m < 50 ? "紧贴边界处" : `距边界${Math.round(m / 10) * 10}米处`);

export const zh = {
  product: "毗邻",
  language: "English",
  languageLabel: "Switch to English",
  wallTitle: "毗邻 · 指挥大屏",
  deskTitle: "毗邻 · 值班台",
  loading: "正在连接…",
  noServer: "尚未连上服务器，正在重试",
  link: {
    waiting: "正在连接",
    live: "数据实时",
    late: "数据延迟",
    stopped: (time: string) => `数据停止于 ${time}`,
  },
  provenance,
  figures: {
    title: "关键数字",
    today: "今日事件",
    byParty: "按辖区",
    byMatter: "按事项",
    units: "在岗力量",
    none: "今日暂无",
    rest: "其他",
  },
  alerts: {
    title: "边界聚集预警",
    open: "未解除",
    unacknowledged: "未签收",
    oldest: "最久未签收",
    all: "均已签收",
    none: "边界平静，暂无预警",
    rest: (count: number) => `另有${count}条`,
    page: (at: number, of: number) => `${at} / ${of}`,
    acknowledgedBy: (by: string) => `${by} 已签收`,
    notAcknowledged: "未签收",
    raised: (time: string) => `${time} 发出`,
    fading: "消退中",
    /** 近一天几起，箭头在后；箭头用下面三个词说。 */
    lastDay: (count: number) => `近一天${count}起`,
    rising: "上升",
    falling: "回落",
    steady: "持平",
    number: (id: number) => `第${id}号`,
  },
  severity: { 1: "一般", 2: "较大", 3: "重大", 4: "特别重大" } as Record<number, string>,
  state: { open: "未解除", fading: "消退中", cleared: "已解除", merged: "已并入" },
  step: {
    raised: "发出",
    updated: "更新",
    acknowledged: "签收",
    faded: "转入消退",
    recovered: "再度聚集",
    cleared: "解除",
    reopened: "重开",
    merged: "并入",
    split: "分出",
  },
  kind: { car: "巡逻车", foot: "徒步组", boat: "巡逻艇", drone: "无人机" },
  zoneKind: {
    interprovincial_border_area: "省际毗邻区",
    demonstration_zone: "示范区",
    pilot_startup_area: "先行启动区",
    event_perimeter: "重大活动保障区",
  },
  /** 一句话说清预警的理由。 */
  reason(facts: Facts): string {
    const matter = facts.matters.slice(0, 2).map((name) => `“${name}”`).join("、");
    const more = facts.matters.length > 2 ? `等${facts.matters.length}类` : "";
    const sides = facts.sides.map(side).join("、");
    return `${facts.hours}小时内，${sides}${matter}${more}在${near(facts.distance_m)}聚集。`;
  },
  between: (names: readonly string[]) => names.join(" — "),
  ago({ days, hours, minutes }: Span): string {
    if (days > 0) return `${days}天${hours}小时`;
    return hours > 0 ? `${hours}小时${minutes}分` : `${minutes}分钟`;
  },
  /** 多久以前有过位置。 */
  seen({ days, hours, minutes }: Span): string {
    if (days + hours + minutes === 0) return "刚刚";
    return `${days > 0 ? `${days}天` : hours > 0 ? `${hours}小时` : `${minutes}分钟`}前`;
  },
  /** 服务器为什么没有照办。 */
  refused: {
    silent: "连不上服务器",
    forbidden: "没有权限",
    unknown: "这条预警已不存在",
    over: "这条预警已经结束",
    tooMuch: "请求过多，请稍后再试",
    wrong: "填写的内容有误",
    trouble: "服务器出错，请稍后再试",
  },
  tour: {
    overview: "全域",
    alert: "边界聚集预警",
    standing: (count: number) => (count === 0 ? "暂无预警" : `未解除预警${count}条`),
  },
  map: {
    label: "地图",
    approximate: "乡镇界线为示意",
  },
  desk: {
    inbox: "预警",
    filters: "筛选",
    matter: "事项",
    party: "辖区",
    time: "时间",
    state: "状态",
    any: "全部",
    standing: "未解除",
    ended: "已结束",
    within: (hours: number) => `近${hours}小时`,
    window: "全部（统计时段内）",
    reset: "清除筛选",
    by: "值班员",
    byLabel: "签收人",
    acknowledge: "签收",
    acknowledging: "正在签收…",
    failed: (why: string) => `未能签收：${why}`,
    mayNot: "本账号不能签收，请值班员或指挥长签收",
    note: "备注（可不填）",
    close: "关闭",
    members: "涉及事件",
    sides: "两侧情况",
    history: "处置记录",
    near: "附近力量",
    reports: (count: number) => `${count}起`,
    nobody: "附近没有在岗力量",
    distance: (m: number) => (m < 1000 ? `${Math.round(m / 10) * 10}米` : `${(m / 1000).toFixed(1)}公里`),
    border: "边界",
    rule: "规则",
    zones: "所在区域",
    trend: "近一天 / 前一天",
    choose: "在左侧选择一条预警，查看涉及事件、两侧情况和处置记录",
    matching: (shown: number, of: number) => `${shown} / ${of}`,
    nothing: "没有符合条件的预警",
    keys: "↑ ↓ 选择 · A 签收 · Esc 关闭",
    loading: "正在读取…",
    unavailable: "暂时读不到详情",
    wall: "大屏",
  },
  door: {
    title: "毗邻 · 登录",
    open: "本服务尚无账号，无需登录。建立第一个账号：打开日志中的一次性地址，或在服务器上运行 pilin account add。",
    first: "建立第一个账号（管理员）。此后每个入口都要求登录。",
    make: "建立账号",
    name: "用户名",
    password: "密码",
    passwordHint: "至少10个字符；不足16个时须含大写、小写、数字、其他字符中的三种",
    agency: "执法机构",
    agencyHint: "管理员管理本辖区及以下的账号和令牌",
    signIn: "登录",
    signOut: "退出登录",
    changePassword: "修改密码",
    oldPassword: "现在的密码",
    newPassword: "新密码",
    passwordChanged: "密码已修改，其他会话已退出",
    isWall: "这是大屏：显示登录码",
    typeCode: (address: string) => `请值班员打开 ${address}，登录后输入此码`,
    admit: "接入大屏",
    code: "大屏上的登录码",
    wallName: "大屏名称",
    admitted: (name: string) => `已接入：${name}`,
    desk: "值班台",
    account: "账号",
    wrong: "用户名或密码不正确",
    slower: "尝试过于频繁，请稍后再试",
    noCode: "没有这个登录码，或已过期",
    taken: "名称已被使用，或已有账号",
    weak: "有一项填写不符合要求",
  },
};

/** What a language must say. */
export type Texts = typeof zh;
