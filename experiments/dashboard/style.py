"""How the dashboard's own texts look; each sheet goes into the shadow of the components that use it."""

from __future__ import annotations

FONT = 'Helvetica, Arial, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'

PAGE_CSS = f"""
:root {{ --design-primary-color: #005a8f; }}
body {{ margin: 0; padding: 0 14px 30px; font-family: {FONT}; color: #222; background: #fff; }}
"""

TEXT_CSS = f"""
:host {{ font-family: {FONT}; color: #222; }}
h1 {{ font-size: 22px; margin: 6px 0; }}
h2 {{ font-size: 17px; margin: 8px 0 2px; }}
p {{ font-size: 15px; line-height: 1.4; margin: 4px 0; }}
.help {{ color: #555; font-size: 14px; max-width: 80ch; }}
"""

ANSWER_CSS = (
    TEXT_CSS
    + """
.headline { font-size: 18px; font-weight: 600; max-width: 75ch; }
ul { margin: 6px 0; padding-left: 20px; }
li { font-size: 15px; line-height: 1.45; max-width: 95ch; }
table { border-collapse: collapse; width: 100%; margin-top: 6px; font-size: 15px; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px; border-bottom: 1px solid #ddd; }
th small { display: block; font-weight: 400; color: #555; font-size: 13px; }
td span { white-space: nowrap; color: #444; }
td em { display: block; font-style: normal; font-size: 14px; }
td.unclear { color: #555; }
td.unclear b { font-weight: 500; }
td.higher em { color: #00563f; font-weight: 600; }
td.lower em { color: #a04000; font-weight: 600; }
.note { color: #555; font-size: 14px; max-width: 95ch; }
pre { background: #f4f4f1; padding: 8px 10px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px;
  border-radius: 6px; user-select: all; margin: 2px 0; }
"""
)

ARMS_CSS = f"""
:host {{ font-family: {FONT}; max-height: 350px; overflow-y: auto; border: 1px solid #ddd; border-radius: 6px; }}
.bk-input-group label {{ display: flex; align-items: flex-start; gap: 4px; padding: 3px 4px; }}
.bk-input-group label span {{ white-space: normal; font-size: 14px; line-height: 1.3; }}
"""

MAIN_BUTTON_CSS = """
.bk-btn { background: #005a8f !important; border-color: #005a8f !important; color: #fff !important; font-size: 15px; }
.bk-btn:hover { filter: brightness(0.9); }
.bk-btn[disabled] { background: #8aa9bd !important; border-color: #8aa9bd !important; }
"""

FIELD_CSS = f"""
:host {{ font-family: {FONT}; }}
label, select, input {{ font-size: 14px; }}
"""

MESSAGE_STYLES = {"font-family": FONT, "font-size": "15px", "color": "#222", "padding": "0 12px"}
