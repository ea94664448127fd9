<?php
// The one page that people see.
declare(strict_types=1);

final class Page
{
    public static function escape(string $s): string
    {
        return htmlspecialchars($s, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** @param list<array> $entries */
    public static function show(string $region, ?array $mode, array $entries, string $trouble = '',
        string $greeting = 'Guest book'): string
    {
        $e = self::escape(...);
        $banner = $trouble !== '' ? '<p class="banner bad">' . $e($trouble) . '</p>' : '';
        if ($mode !== null && $mode['read_only']) {
            $banner .= '<p class="banner">Read-only for now: ' . $e($mode['reason']) . '.</p>';
        }
        $form = $mode === null || $mode['read_only'] ? '' : self::form();
        $list = implode('', array_map(self::entry(...), $entries));
        if ($list === '') {
            $list = '<p class="none">' . ($trouble === '' ? 'No entries yet.' : 'Entries cannot be shown.') . '</p>';
        }
        $style = self::STYLE;
        return <<<HTML
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Guest book · {$e($region)}</title><style>$style</style></head>
<body><header><h1>{$e($greeting)}</h1><span class="region">{$e($region)}</span></header>
$banner$form<main>$list</main></body></html>

HTML;
    }

    private static function form(): string
    {
        $token = bin2hex(random_bytes(16));
        return <<<HTML
<form method="post" action="/entries" enctype="multipart/form-data">
<input type="hidden" name="token" value="$token">
<label>Name<input name="name" maxlength="80" required autocomplete="name"></label>
<label>Message<textarea name="message" maxlength="2000" rows="3" required></textarea></label>
<label>Picture, if you like<input type="file" name="picture" accept="image/jpeg,image/png,image/gif,image/webp"></label>
<button>Leave it here</button></form>
HTML;
    }

    private static function entry(array $row): string
    {
        $e = self::escape(...);
        $picture = $row['picture_key'] === null ? ''
            : "<img loading=\"lazy\" alt=\"picture left by {$e($row['name'])}\" src=\"/entries/{$row['id']}/picture\">";
        $time = substr($row['created_at'], 0, 19);
        return "<article>$picture<p>" . nl2br($e($row['message'])) . "</p><footer>{$e($row['name'])} · "
            . "<time>$time UTC</time> · written in {$e($row['region'])}</footer></article>\n";
    }

    private const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;'
        . 'color:#222;background:#faf9f7}header{display:flex;align-items:baseline;justify-content:space-between}'
        . 'h1{margin:.2em 0}.region{background:#1d3557;color:#fff;border-radius:1em;padding:.1em .8em}'
        . '.banner{background:#fff3cd;border-left:4px solid #d39e00;padding:.6em 1em}.bad{background:#f8d7da;'
        . 'border-color:#b02a37}form,article{background:#fff;border:1px solid #e3e0da;border-radius:8px;'
        . 'padding:1rem;margin:1rem 0}label{display:block;margin-bottom:.6em}input:not([type=file]),textarea{'
        . 'display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4em}button{font:inherit;'
        . 'padding:.4em 1.2em;background:#1d3557;color:#fff;border:0;border-radius:6px}'
        . 'img{max-width:100%;border-radius:6px}footer,.none{color:#666;font-size:.9em}';
}
