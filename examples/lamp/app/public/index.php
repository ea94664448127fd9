<?php
// The front controller: every request comes here.
//   GET  /                      the page            GET /healthz   alive (no database)
//   POST /entries               a new entry         GET /readyz    database reachable, and the mode
//   GET  /entries?since=&limit= JSON list           GET /entries/{id}/picture
declare(strict_types=1);

foreach (['Config', 'Credentials', 'S3', 'Notices', 'Database', 'Entries', 'Page'] as $part) {
    require __DIR__ . "/../src/$part.php";
}

function answer(int $status, string $type, string $body, array $headers = []): void
{
    http_response_code($status);
    header("Content-Type: $type");
    header('X-Content-Type-Options: nosniff');
    foreach ($headers as $name => $value) {
        header("$name: $value");
    }
    echo $body;
}

function json(int $status, array $value, array $headers = []): void
{
    answer($status, 'application/json', json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE) . "\n",
        ['Cache-Control' => 'no-store'] + $headers);
}

function wants_json(): bool
{
    return str_contains($_SERVER['HTTP_ACCEPT'] ?? '', 'application/json')
        || str_starts_with($_SERVER['CONTENT_TYPE'] ?? '', 'application/json');
}

/** Fields of a form or of a JSON body; a JSON picture is base64. */
function fields(): array
{
    if (!str_starts_with($_SERVER['CONTENT_TYPE'] ?? '', 'application/json')) {
        $upload = $_FILES['picture'] ?? null;
        if ($upload && !in_array($upload['error'], [UPLOAD_ERR_OK, UPLOAD_ERR_NO_FILE], true)) {
            throw new Invalid('picture: it did not arrive whole, or is larger than 5 MiB');
        }
        $sent = $upload && $upload['error'] === UPLOAD_ERR_OK;
        return $_POST + ['picture' => $sent ? file_get_contents($upload['tmp_name']) : null];
    }
    $body = json_decode((string) file_get_contents('php://input'), true, 8);
    if (!is_array($body)) {
        throw new Invalid('body: a JSON object expected');
    }
    if (($body['picture'] ?? '') === '') {
        unset($body['picture']); // empty: none, as the form sends it
    } else {
        $body['picture'] = is_string($body['picture']) ? base64_decode($body['picture'], true) : false;
        if ($body['picture'] === false) {
            throw new Invalid('picture: base64 expected');
        }
    }
    return $body;
}

function text(array $fields, string $name): string
{
    return is_string($fields[$name] ?? '') ? $fields[$name] ?? '' : '';
}

function add_entry(Config $config): void
{
    $db = new Database($config);
    try {
        $f = fields();
        [$id, $new] = (new Entries($config, $db))->add(text($f, 'token'), text($f, 'name'), text($f, 'message'),
            $f['picture'] ?? null);
        if ($new) {
            (new Notices($config))->tell($id);
        }
    } catch (Invalid $e) {
        wants_json() ? json(400, ['error' => $e->getMessage()])
            : answer(400, 'text/plain; charset=utf-8', $e->getMessage() . "\n");
        return;
    } catch (ReadOnlyMode $e) {
        $why = 'read-only: ' . $e->getMessage();
        wants_json() ? json(503, ['error' => $why, 'region' => $config->region], ['Retry-After' => '5'])
            : answer(503, 'text/html; charset=utf-8', Page::show($config->region, $db->mode(), [],
                'Your entry was not stored. Please try again in a moment.'), ['Retry-After' => '5']);
        return;
    }
    wants_json() ? json($new ? 201 : 200, ['id' => $id, 'region' => $config->region])
        : answer(303, 'text/plain', '', ['Location' => '/']);
}

function list_entries(Config $config): void
{
    $limit = max(1, min(1000, (int) ($_GET['limit'] ?? 1000)));
    $rows = (new Entries($config, new Database($config)))->since((int) ($_GET['since'] ?? 0), $limit);
    $last = $rows === [] ? (int) ($_GET['since'] ?? 0) : (int) end($rows)['id'];
    json(200, ['region' => $config->region, 'entries' => array_map(Entries::view(...), $rows), 'last' => $last,
        'more' => count($rows) === $limit]);
}

function picture(Config $config, int $id): void
{
    $row = (new Entries($config, new Database($config)))->find($id);
    $object = $row === null || $row['picture_key'] === null ? null : (new S3($config))->get($row['picture_key']);
    if ($object === null) {
        json(404, ['error' => 'no such picture']);
        return;
    }
    answer(200, $row['picture_type'], $object[0], ['Cache-Control' => 'public, max-age=86400']);
}

function ready(Config $config): void
{
    $db = new Database($config);
    (new Entries($config, $db))->newest(1); // makes the tables on the first start
    json(200, ['status' => 'ready', 'region' => $config->region] + $db->mode());
}

function home(Config $config): void
{
    try {
        $db = new Database($config);
        answer(200, 'text/html; charset=utf-8',
            Page::show($config->region, $db->mode(), (new Entries($config, $db))->newest(50), greeting: $config->greeting),
            ['Cache-Control' => 'no-store']);
    } catch (PDOException $e) {
        error_log('database: ' . $e->getMessage());
        answer(503, 'text/html; charset=utf-8',
            Page::show($config->region, null, [], 'The database cannot be reached at the moment.'),
            ['Retry-After' => '5']);
    }
}

function serve(): void
{
    $path = parse_url($_SERVER['REQUEST_URI'] ?? '/', PHP_URL_PATH) ?: '/';
    $method = $_SERVER['REQUEST_METHOD'] === 'HEAD' ? 'GET' : $_SERVER['REQUEST_METHOD'];
    if ($path === '/healthz') {
        answer(200, 'text/plain', "ok\n");
        return;
    }
    $config = Config::fromEnvironment();
    try {
        match (true) {
            $method === 'GET' && $path === '/' => home($config),
            $method === 'POST' && $path === '/entries' => add_entry($config),
            $method === 'GET' && $path === '/entries' => list_entries($config),
            $method === 'GET' && $path === '/readyz' => ready($config),
            $method === 'GET' && preg_match('#^/entries/(\d{1,18})/picture$#', $path, $m) === 1
                => picture($config, (int) $m[1]),
            default => json(404, ['error' => "nothing answers $method here"]),
        };
    } catch (PDOException $e) {
        error_log('database: ' . $e->getMessage()); // PDO's message names no password
        json(503, ['error' => 'the database cannot be reached', 'region' => $config->region], ['Retry-After' => '5']);
    } catch (Throwable $e) {
        error_log($e::class . ': ' . $e->getMessage());
        json(502, ['error' => 'the application met a fault', 'region' => $config->region]);
    }
}

serve();
