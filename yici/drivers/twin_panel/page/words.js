// Every word on the page; a key without a word shows itself, so a missing one is seen.
const WORDS = {
  "zh-CN": {
    title: "一次 · 设备台", hint: "这里的设备都是虚拟的: 放卡, 放纸, 制造故障, 看终端怎么应对.",
    language: "English", live: "已连接", lost: "连接中断", close: "关闭",
    terminal: "自助终端", terminal_hint: "用鼠标点按, 书写; 点一下屏幕后可用键盘输入",
    id_card_reader: "身份证读卡器", document_camera: "高拍仪", receipt_printer: "小票打印机",
    cards: "身份证", papers: "材料", faults: "制造故障", slips: "打印出的小票",
    unplug: "拔线", plug_in: "插线",
    state_ready: "正常", state_unplugged: "线已拔",
    reader_empty: "点一张卡, 或把它拖到读卡区.", reader_card: "{name}的身份证放在读卡区. 点卡取走.",
    camera_empty: "点一份材料, 或把它拖到台面.", camera_paper: "台面上: {title}. 点纸取走.",
    camera_picture: "台面上: 您的图片. 点纸取走.", own_picture: "自己的图片",
    printer_none: "还没有打印. 打出的小票会从这里出来.", printer_some: "最新一张挂在出纸口, 点开看大图.",
    printer_uncut: "打印到一半, 纸还没有切下.",
    cable_out: "线拔掉了, 终端应在几秒内发现; 插回后应自己恢复.",
    slips_none: "还没有", slips_count: "{count} 张, 最新的在前",
    silent: "不回答", garbage: "回答乱码", slow: "回答很慢", noise: "线路干扰", bad_checksum: "校验错误", truncated: "回答只有半截",
    wrong_baud: "波特率不对", read_failed: "读不出卡", pulled_mid_reply: "读到一半被拔线",
    dropped: "连接断开", black: "镜头被挡住", stalled: "画面停住",
    printer_near_end: "纸将用完", printer_paper_out: "缺纸", printer_cover_open: "盖子开着", printer_offline: "脱机",
    printer_cutter_jam: "切刀卡住", printer_silent: "只打印不回答", printer_stalled: "不再收数据",
    printer_unrecoverable: "自身故障", printer_head_hot: "打印头过热", printer_garbage: "回答乱码", printer_slow: "回答太慢",
    printer_mid_slip: "打到一半没纸",
    scanner: "扫描仪", document_printer: "A4 打印机", face_camera: "人像摄像头", code_reader: "扫码器", social_security_card_reader: "社保卡读卡器",
    nothing_done: "等您动手.", documents_count: "已打印 {count} 份",
    act_put_card: "放卡", act_put_other_card: "放一张别的卡", act_put_protected_card: "放要密码的卡", act_take_card: "取卡",
    act_lay_paper: "放纸", act_take_paper: "取走纸", act_lay_on_glass: "放到玻璃板", act_clear_glass: "清空玻璃板", act_load_feeder: "进纸器放几张",
    act_show_code: "出示这个码", act_take_code: "拿走码", act_step_in_front: "站到镜头前", act_step_away: "走开",
    act_put_paper: "放纸几张", act_tear_off: "撕下小票", act_put_in_roll: "换纸卷",
    frozen: "画面不动", absurd_size: "画面大得离谱", paper_jam: "卡纸", jam_after_sheet: "下一张后卡纸", cover_open: "盖子开着",
    busy: "正忙", stopped: "已停机", drops_mid_page: "传到一半断线", bad_picture: "图像损坏", paper_out: "缺纸", toner_out: "没有碳粉", offline: "脱机",
    toner_low: "碳粉将用完", paper_low: "纸将用完", job_aborted: "打印任务中止", refuses_jobs: "不接受任务", answer_lost: "回执丢失",
    no_end: "码后没有结束符", never_ends: "没完没了", wrong_speed: "速率不对", no_enter: "码后没有回车", lost_events: "丢了按键",
    mute_card: "卡不应答", pulled_mid_reading: "读到一半抽走卡", service_stopped: "读卡服务停了",
    no_permission: "没有权限", in_use: "被别的程序占用", kernel_driver: "被内核驱动占住",
  },
  en: {
    title: "Yici · device bench", hint: "All these devices are virtual: lay a card, lay a paper, break something, and watch the terminal cope.",
    language: "中文", live: "Connected", lost: "Connection lost", close: "Close",
    terminal: "The terminal", terminal_hint: "Touch and write with the mouse; click the screen once to type",
    id_card_reader: "ID-card reader", document_camera: "Document camera", receipt_printer: "Receipt printer",
    cards: "ID cards", papers: "Papers", faults: "Break something", slips: "Printed slips",
    unplug: "Unplug", plug_in: "Plug in",
    state_ready: "Working", state_unplugged: "Unplugged",
    reader_empty: "Click a card, or drag it onto the reader.", reader_card: "{name}'s card is on the reader. Click it to take it.",
    camera_empty: "Click a paper, or drag it onto the mat.", camera_paper: "On the mat: {title}. Click it to take it.",
    camera_picture: "On the mat: your picture. Click it to take it.", own_picture: "Own picture",
    printer_none: "Nothing printed yet. Slips come out here.", printer_some: "The newest slip hangs out; click it to read it.",
    printer_uncut: "Half printed; the paper is not cut yet.",
    cable_out: "The cable is out; the terminal should notice within seconds and recover by itself.",
    slips_none: "none yet", slips_count: "{count}, newest first",
    marriage_certificate: "Marriage certificate (sample)", household_register_page: "Household register page (sample)",
    birth_certificate: "Birth certificate (sample)", id_card_copy: "Copy of an ID card (sample)",
    bank_card_copy: "Copy of a bank card (sample)", statement: "Statement (sample)", blank_sheet: "Blank sheet",
    silent: "Says nothing", garbage: "Answers garbage", slow: "Answers late", noise: "Noise on the line", bad_checksum: "Bad checksum", truncated: "Half an answer",
    wrong_baud: "Wrong baud rate", read_failed: "Can't read the card", pulled_mid_reply: "Pulled while reading",
    dropped: "Connection dropped", black: "Lens covered", stalled: "Picture stands still",
    printer_near_end: "Paper near its end", printer_paper_out: "Out of paper", printer_cover_open: "Cover open", printer_offline: "Offline",
    printer_cutter_jam: "Cutter jammed", printer_silent: "Prints, never answers", printer_stalled: "Takes no more data",
    printer_unrecoverable: "Failure of its own", printer_head_hot: "Head too hot", printer_garbage: "Answers garbage", printer_slow: "Answers late",
    printer_mid_slip: "Paper ends mid-slip",
    scanner: "Scanner", document_printer: "A4 printer", face_camera: "Face camera", code_reader: "Code reader", social_security_card_reader: "Social-security card reader",
    nothing_done: "Waiting for you.", documents_count: "{count} printed",
    act_put_card: "Put card", act_put_other_card: "Put another kind of card", act_put_protected_card: "Put card with a PIN", act_take_card: "Take card",
    act_lay_paper: "Lay paper", act_take_paper: "Take paper", act_lay_on_glass: "Lay on the glass", act_clear_glass: "Clear the glass", act_load_feeder: "Sheets into the feeder",
    act_show_code: "Show this code", act_take_code: "Take code away", act_step_in_front: "Step in front", act_step_away: "Step away",
    act_put_paper: "Sheets into the tray", act_tear_off: "Tear off the slip", act_put_in_roll: "Put in a new roll",
    frozen: "Picture frozen", absurd_size: "Absurd picture size", paper_jam: "Paper jam", jam_after_sheet: "Jam after the next sheet", cover_open: "Cover open",
    busy: "Busy", stopped: "Stopped", drops_mid_page: "Breaks off mid-page", bad_picture: "Broken picture", paper_out: "Out of paper", toner_out: "Out of toner", offline: "Offline",
    toner_low: "Toner low", paper_low: "Paper low", job_aborted: "Job aborted", refuses_jobs: "Refuses jobs", answer_lost: "Answer lost",
    no_end: "No end after the code", never_ends: "Never ends", wrong_speed: "Wrong speed", no_enter: "No Enter after the code", lost_events: "Lost key strokes",
    mute_card: "Mute card", pulled_mid_reading: "Card pulled while reading", service_stopped: "Card service stopped",
    no_permission: "No permission", in_use: "Used by another program", kernel_driver: "Held by a kernel driver",
  },
};

let language = localStorage.getItem("language") === "en" ? "en" : "zh-CN";

export function word(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// A word of this language if there is one, else the text that came with the data.
export function wordOr(key, text) {
  return WORDS[language][key] ?? text;
}

export function dress(root = document) {
  document.documentElement.lang = language;
  document.title = word("title");
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", word(element.dataset.label));
}

export function switchLanguage() {
  language = language === "en" ? "zh-CN" : "en";
  localStorage.setItem("language", language);
}
