"""Judges the codecs by botocore, the code that most AWS clients run on.

For every operation of every generated service a value is made from the model, then
 1. botocore serialises it as a request, we decode it: it must come out the same;
 2. we encode it as a request, and decode what we wrote: the same; and where the bytes are comparable, they equal botocore's;
 3. we encode an output as a response, botocore parses it: the same;
 4. we decode that response again: the same,
 5. botocore reads every modelled error that we encode.
Usage: botocore_judge.py CODEC_ORACLE MODELS_DIR [SERVICE…]
"""
import base64
import datetime
import json
import os
import subprocess
import sys
import urllib.parse

import botocore.model
import botocore.parsers
import botocore.serialize

DATA = '/usr/lib/python3/dist-packages/botocore/data'
WHEN = datetime.datetime(2026, 11, 22, 19, 35, 1, tzinfo=datetime.timezone.utc)


def sample(shape, depth=0, key='', location=None):
    """A value of the shape in botocore's own terms."""
    kind = shape.type_name
    if kind == 'structure':
        if depth > 12:
            return {}
        out = {}
        for name, member in shape.members.items():
            if shape.metadata.get('union') and out:
                break
            if getattr(shape, 'event_stream_name', None) == name or member.serialization.get('eventstream'):
                continue
            if is_json_value(member):
                out[name] = {'a': [1, True]}
                continue
            out[name] = sample(member, depth + 1, name, member.serialization.get('location'))
        return out
    if kind == 'list':
        return [sample(shape.member, depth + 1, key + '1'), sample(shape.member, depth + 1, key + '2')]
    if kind == 'map':
        return {(shape.key.enum or ['k<&1'])[0] if location != 'headers' else 'k1':
                sample(shape.value, depth + 1, key + 'v')}
    if kind == 'string':
        if shape.enum:
            return shape.enum[0]
        plain = location in ('header', 'headers', 'uri', 'querystring')
        return 'v-%s' % key if plain else 'v <&>"\u00e9+%% %s' % key
    if kind in ('integer', 'long'):
        return 7 if kind == 'integer' else 5000000007
    if kind in ('float', 'double'):
        return 1.5
    if kind == 'boolean':
        return True
    if kind == 'timestamp':
        return WHEN
    if kind == 'blob':
        return b'\x00bytes\xff'
    return 'v'


def empties(shape):
    """Top-level lists and strings of the body, all empty; what a server with nothing to tell sends."""
    out = {}
    for name, member in shape.members.items():
        if member.serialization.get('location') or shape.serialization.get('payload'):
            continue
        if member.type_name == 'list' and not member.serialization.get('flattened'):
            out[name] = []
        elif member.type_name == 'string' and not member.enum:
            out[name] = ''
    return out


def is_json_value(shape):
    return shape.serialization.get('jsonvalue')


def by_name(shape, value):
    """botocore's value as JSON by the model's names."""
    kind = shape.type_name
    if value is None:
        return None
    if kind == 'structure':
        out = {}
        for name, member in shape.members.items():
            if name in value and value[name] is not None:
                out[name] = value[name] if is_json_value(member) else by_name(member, value[name])
        return out
    if kind == 'list':
        return [by_name(shape.member, v) for v in value]
    if kind == 'map':
        return {k: by_name(shape.value, v) for k, v in value.items()}
    if kind == 'timestamp':
        return value.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    if kind == 'blob':
        raw = value.read() if hasattr(value, 'read') else value
        return base64.b64encode(raw if isinstance(raw, bytes) else raw.encode()).decode()
    return value


class Oracle:
    def __init__(self, program):
        self.p = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')

    def ask(self, **question):
        self.p.stdin.write(json.dumps(question) + '\n')
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line:
            raise SystemExit('the oracle died on %s' % json.dumps(question)[:2000])
        return json.loads(line)


def merge(target, patch):
    for k, v in patch.items():
        if isinstance(v, dict) and isinstance(target.get(k), dict):
            merge(target[k], v)
        else:
            target[k] = v


class Raw:
    """As urllib3's stream, for parsers that hand out streaming bodies."""

    def __init__(self, data):
        self.data = data

    def read(self, *_):
        return self.data


class Judge:
    def __init__(self, oracle, models):
        self.oracle, self.models = oracle, models
        self.failed, self.passed = [], 0

    def check(self, what, got, want):
        if got == want:
            self.passed += 1
            return
        self.failed.append(what)
        print('FAILED %s\n  want %s\n  got  %s' % (what, json.dumps(want, sort_keys=True)[:1500],
                                                  json.dumps(got, sort_keys=True, default=repr)[:1500]))

    def service(self, entry):
        path = os.path.join(DATA, entry['folder'], entry['version'], 'service-2.json')
        with open(path, encoding='utf-8') as f:
            raw = json.load(f)
        overlay = os.path.join(self.models, 'overlay', entry['id'] + '.json')
        if os.path.exists(overlay):
            with open(overlay, encoding='utf-8') as f:
                merge(raw, json.load(f))
        model = botocore.model.ServiceModel(raw, entry['folder'])
        names = model.operation_names if entry['operations'] == '*' else entry['operations']
        for name in names:
            # S3's deprecated operations share their routes with their successors, and some contradict themselves.
            if model.operation_model(name).deprecated:
                continue
            self.operation(entry['id'], model, model.operation_model(name))

    def operation(self, service, model, op):
        protocol = model.metadata['protocol']
        what = '%s:%s' % (service, op.name)
        if op.input_shape is not None:
            self.request(service, op, protocol, what)
        if op.output_shape is not None:
            self.response(service, op, protocol, what)
            self.nothing(service, op, protocol, what)
        else:
            self.silence(service, op, protocol, what)
        for shape in op.error_shapes:
            self.error(service, op, protocol, shape, what + ' ' + shape.name)

    def request(self, service, op, protocol, what):
        value = sample(op.input_shape)
        want = by_name(op.input_shape, value)
        serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        theirs = serializer.serialize_to_request(value, op)
        body = theirs['body']
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
        body = body.encode() if isinstance(body, str) else body
        path, _, fixed = theirs['url_path'].partition('?')
        query = theirs['query_string']
        query = urllib.parse.urlencode(query, doseq=True) if isinstance(query, dict) else query
        headers = [[k, str(v)] for k, v in theirs['headers'].items()]
        answer = self.oracle.ask(service=service, operation=op.name, verb='decode_request', http={
            'method': theirs['method'], 'path': path, 'query': '&'.join(q for q in (fixed, query) if q),
            'headers': headers, 'body': base64.b64encode(body or b'').decode()})
        self.check(what + ' routed', answer.get('routed'), op.name)
        self.check(what + ' their request', answer.get('value'), want)
        ours = self.oracle.ask(service=service, operation=op.name, verb='encode_request', value=want)
        if 'http' not in ours:
            return self.check(what + ' our request', ours, 'http')
        again = self.oracle.ask(service=service, operation=op.name, verb='decode_request', http=ours['http'])
        self.check(what + ' our request', again.get('value'), want)
        self.check(what + ' our path', ours['http']['path'], urllib.parse.quote(path, safe='/%~+:@!$&\'()*,;=-._'))
        if protocol in ('query', 'ec2'):
            mine = base64.b64decode(ours['http']['body']).decode()
            self.check(what + ' our bytes', sorted(urllib.parse.parse_qsl(mine, keep_blank_values=True)),
                       sorted(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)))
        elif protocol == 'json':
            self.check(what + ' our bytes', json.loads(base64.b64decode(ours['http']['body'])), json.loads(body))

    def response(self, service, op, protocol, what):
        value = sample(op.output_shape)
        for name, member in op.output_shape.members.items():
            if member.serialization.get('location') == 'statusCode':
                value[name] = 200
        want = by_name(op.output_shape, value)
        ours = self.oracle.ask(service=service, operation=op.name, verb='encode_response', value=want)
        if 'http' not in ours:
            return self.check(what + ' response', ours, 'http')
        answer = ours['http']
        body = base64.b64decode(answer['body'])
        headers = botocore.awsrequest.HeadersDict({k: v for k, v in answer['headers']})
        stream = op.has_streaming_output and not op.has_event_stream_output
        parser = botocore.parsers.create_parser(protocol)
        if op.has_event_stream_output:
            return
        parsed = parser.parse({'status_code': answer['status'], 'headers': headers,
                               'body': Raw(body) if stream else body}, op.output_shape)
        parsed.pop('ResponseMetadata', None)
        # GetBucketLocation's root is the value itself; botocore mends that by a handler outside its parser.
        if what != 's3:GetBucketLocation':
            self.check(what + ' response', by_name(op.output_shape, parsed), want)
        again = self.oracle.ask(service=service, operation=op.name, verb='decode_response', http=answer)
        self.check(what + ' response again', again.get('value'), want)

    def parse(self, protocol, op, answer):
        headers = botocore.awsrequest.HeadersDict({k: v for k, v in answer['headers']})
        parsed = botocore.parsers.create_parser(protocol).parse(
            {'status_code': answer['status'], 'headers': headers, 'body': base64.b64decode(answer['body'])}, op.output_shape)
        self.check('%s request id' % op.name, bool(parsed.pop('ResponseMetadata').get('RequestId')), True)
        return parsed

    def nothing(self, service, op, protocol, what):
        if op.has_streaming_output or op.output_shape.serialization.get('payload'):
            return
        for value in ({}, empties(op.output_shape)):
            ours = self.oracle.ask(service=service, operation=op.name, verb='encode_response', value=value)
            parsed = self.parse(protocol, op, ours['http'])
            if what != 's3:GetBucketLocation':
                got = by_name(op.output_shape, parsed)
                self.check(what + ' empty response', {k: v for k, v in got.items() if value or v not in ([], {})}, value)

    def silence(self, service, op, protocol, what):
        """Operations whose model has no output."""
        ours = self.oracle.ask(service=service, operation=op.name, verb='encode_response', value={})
        self.check(what + ' no output', self.parse(protocol, op, ours['http']), {})
        want = op.http.get('responseCode', 200)
        self.check(what + ' no output status', ours['http']['status'], want)

    def error(self, service, op, protocol, shape, what):
        """As the client sees it: code, message and the members that the model gives the error."""
        ours = self.oracle.ask(service=service, operation=op.name, verb='encode_error',
                               value={'code': shape.name, 'message': 'because <of> "it"'})['http']
        headers = botocore.awsrequest.HeadersDict({k: v for k, v in ours['headers']})
        parsed = botocore.parsers.create_parser(protocol).parse(
            {'status_code': ours['status'], 'headers': headers, 'body': base64.b64decode(ours['body'])},
            op.output_shape)
        code = shape.name if protocol in ('json', 'rest-json') else shape.error_code
        if op.http['method'] == 'HEAD':  # no body, so no code
            return
        self.check(what + ' code', parsed['Error'].get('Code'), code)
        self.check(what + ' message', parsed['Error'].get('Message'), 'because <of> "it"')
        self.check(what + ' status', ours['status'], shape.metadata.get('error', {}).get('httpStatusCode', ours['status']))
        self.check(what + ' request id', bool(parsed['ResponseMetadata'].get('RequestId')), True)


def main():
    program, models = sys.argv[1:3]
    wanted = set(sys.argv[3:])
    judge = Judge(Oracle(program), models)
    with open(os.path.join(models, 'services.json'), encoding='utf-8') as f:
        services = json.load(f)
    for entry in services:
        if not wanted or entry['id'] in wanted:
            before = len(judge.failed)
            judge.service(entry)
            print('%s: %d failed' % (entry['id'], len(judge.failed) - before))
    print('%d checks passed, %d failed' % (judge.passed, len(judge.failed)))
    return 1 if judge.failed or not judge.passed else 0


if __name__ == '__main__':
    sys.exit(main())
